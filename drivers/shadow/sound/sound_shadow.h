/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for sound cards: what its files share.
 *
 * DOC: objects and locks
 *
 * A struct ss_card stands for a snd_card and holds what its driver put on it:
 * PCMs, raw MIDI devices, controls, and parts that are the driver's own and go
 * with it. snd_card, snd_pcm, snd_rawmidi and snd_kcontrol outlive drivers.
 *
 * Between updates nothing of us is in the way of sound: of a driver's table of
 * PCM operations the sound core sees a copy in which open() is ours. In an
 * update the table is exchanged for one that pretends, under the locks that the
 * sound core itself holds around its calls:
 *
 *	pcm->open_mutex			open and close
 *	  runtime->buffer_mutex		hw_params, hw_free, prepare
 *	    stream lock			trigger, pointer; and the timer that pretends
 *	card->controls_rwsem		all functions of a control
 *	  sc->lock			lists of the card
 *
 * ss_mutex guards the list of cards. @mode is written by the transaction only.
 */
#ifndef _LU_SOUND_SHADOW_H
#define _LU_SOUND_SHADOW_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/shadow_driver.h>
#include <linux/wait.h>
#include <sound/control.h>
#include <sound/core.h>
#include <sound/hwdep.h>
#include <sound/info.h>
#include <sound/jack.h>
#include <sound/pcm.h>
#include <sound/rawmidi.h>

#include "compat.h"

/**
 * enum ss_mode - what a shadow does at the moment
 * @SS_NEW: made by the driver, not in service
 * @SS_PASSIVE: in service; the shadow only observes
 * @SS_ACTIVE: drivers come and go
 */
enum ss_mode {
	SS_NEW,
	SS_PASSIVE,
	SS_ACTIVE,
};

/**
 * struct ss_caps - what a driver offers on a stream
 * @known: it was asked
 * @hw: the driver's description
 * @formats: formats that pass its constraints
 * @rates: those of the usual rates that pass them, see ss_rates
 * @rate: rates from and to
 * @channels: numbers of channels from and to
 * @period_bytes: sizes of a period from and to
 * @periods: numbers of periods from and to
 * @buffer_bytes: sizes of the buffer from and to
 */
struct ss_caps {
	bool known;
	struct snd_pcm_hardware hw;
	u64 formats;
	u32 rates;
	struct snd_interval rate;
	struct snd_interval channels;
	struct snd_interval period_bytes;
	struct snd_interval periods;
	struct snd_interval buffer_bytes;
};

#define SS_PARKED 4

/**
 * struct ss_sub - shadow of a substream
 * @ss: the substream
 * @st: the stream that it belongs to
 * @timer: stands for the interrupt
 * @buf_type: kind of memory that a driver asked for; the sound core may have
 *	taken another
 * @buf_dev: for which device
 * @head: number of the sound core's rules before the driver's
 * @tail: number of rules before the sound core's last ones
 * @parked: arrays of rules that somebody may still look at
 * @away: the sound core sees the table that pretends; stream lock
 * @below: a driver has the substream open, below that table
 * @params: it was told the parameters
 * @ready: it was told to prepare
 * @running: position advances; stream lock, as all below
 * @landing: to be handed to the driver when the position is @limit
 * @from: position at @since, counted on beyond the end of the buffer
 * @since: a time
 * @told: position at which the client was woken last
 * @limit: a beginning of the buffer
 * @silent: position up to which a recording has been filled with silence
 */
struct ss_sub {
	struct snd_pcm_substream *ss;
	struct ss_stream *st;
	struct hrtimer timer;
	int buf_type;
	struct device *buf_dev;
	unsigned int head;
	unsigned int tail;
	void *parked[SS_PARKED];
	bool away;
	bool below;
	bool params;
	bool ready;
	bool running;
	bool landing;
	u64 from;
	ktime_t since;
	u64 told;
	u64 limit;
	u64 silent;
};

/**
 * struct ss_stream - shadow of one direction of a PCM
 * @sp: the PCM
 * @drv: the driver's table; NULL before it has set one
 * @ops: copy of it, with our open
 * @away: the table that pretends
 * @subs: shadows of the substreams
 * @nr: their number
 * @asked: the number that the incoming driver asked for
 * @mapped: the incoming driver gave a channel map
 * @trial: we open the stream ourselves; pcm->open_mutex
 * @lost: in an update by force
 * @was: offered by the driver that ran before the transaction
 * @now: offered by the incoming one
 */
struct ss_stream {
	struct ss_pcm *sp;
	const struct snd_pcm_ops *drv;
	struct snd_pcm_ops ops;
	struct snd_pcm_ops away;
	struct ss_sub *subs;
	unsigned int nr;
	unsigned int asked;
	bool mapped;
	bool trial;
	bool lost;
	struct ss_caps was;
	struct ss_caps now;
};

/**
 * struct ss_pcm - shadow of a PCM
 * @list: in its card's list
 * @sc: the card
 * @pcm: the PCM
 * @st: its two directions
 * @handed: the incoming driver asked for it
 * @extra: made by a driver in the transaction under way
 */
struct ss_pcm {
	struct list_head list;
	struct ss_card *sc;
	struct snd_pcm *pcm;
	struct ss_stream st[2];
	bool handed;
	bool extra;
};

/**
 * struct ss_midi - shadow of a raw MIDI device
 * @list: in its card's list
 * @rmidi: the device
 * @drv: the driver's tables for both directions
 * @handed: the incoming driver asked for it
 * @extra: made by a driver in the transaction under way
 */
struct ss_midi {
	struct list_head list;
	struct snd_rawmidi *rmidi;
	const struct snd_rawmidi_ops *drv[2];
	bool handed;
	bool extra;
};

/**
 * struct ss_jack - shadow of a jack
 * @list: in its card's list
 * @jack: the jack
 * @was: its type as it was made
 * @type: the type that the driver that has it now asked for
 * @handed: the incoming driver asked for it
 * @extra: made by a driver in the transaction under way
 * @lost: in an update by force
 */
struct ss_jack {
	struct list_head list;
	struct snd_jack *jack;
	int was;
	int type;
	bool handed;
	bool extra;
	bool lost;
};

/**
 * struct ss_hwdep - shadow of a hardware dependent device
 * @list: in its card's list
 * @hwdep: the device
 * @exclusive: the driver lets only one at a time open it
 * @away: nobody may open it; hwdep->open_mutex
 * @handed: the incoming driver asked for it
 * @extra: made by a driver in the transaction under way
 */
struct ss_hwdep {
	struct list_head list;
	struct snd_hwdep *hwdep;
	bool exclusive;
	bool away;
	bool handed;
	bool extra;
};

/**
 * struct ss_ctl_driver - what a driver put into a control
 * @info: as in struct snd_kcontrol
 * @get: likewise
 * @put: likewise
 * @tlv: likewise
 * @value: private_value
 * @data: private_data
 * @free: private_free
 */
struct ss_ctl_driver {
	snd_kcontrol_info_t *info;
	snd_kcontrol_get_t *get;
	snd_kcontrol_put_t *put;
	const unsigned int *tlv;
	unsigned long value;
	void *data;
	void (*free)(struct snd_kcontrol *kctl);
};

/**
 * struct ss_ctl - shadow of a control
 * @list: in its card's list
 * @sc: the card
 * @kctl: the control
 * @drv: what the driver's functions are, while ours are in @kctl
 * @twin: what the driver that has @kctl now allocated itself; it may have
 *	kept the address
 * @info: of each element
 * @value: of each element
 * @had: each element's value is known
 * @names: of the items, of an enumeration
 * @nr_names: their number
 * @away: ours are in @kctl; card->controls_rwsem
 * @seen: the incoming driver added it
 * @extra: added by a driver in the transaction under way
 * @lost: in an update by force
 */
struct ss_ctl {
	struct list_head list;
	struct ss_card *sc;
	struct snd_kcontrol *kctl;
	struct ss_ctl_driver drv;
	struct snd_kcontrol *twin;
	struct snd_ctl_elem_info *info;
	struct snd_ctl_elem_value *value;
	bool *had;
	char (*names)[64];
	unsigned int nr_names;
	bool away;
	bool seen;
	bool extra;
	bool lost;
};

/**
 * struct ss_part - something on a card that goes with the driver
 * @list: in a list of its card
 * @thing: data of a snd_device, or a snd_info_entry
 */
struct ss_part {
	struct list_head list;
	void *thing;
};

/**
 * struct ss_card - shadow of a sound card
 * @ref: held by the list of all, devres actions and walkers
 * @list: in the list of all, oldest first
 * @id: position in that list
 * @card: the card
 * @ldev: the bus device that it belongs to
 * @mode: see &enum ss_mode
 * @managed: the driver left it to devres to free the card
 * @handed: a driver has it
 * @adopted: the incoming driver registered it
 * @stuck: there will be no driver for a while
 * @area: the driver's private area, of a card that is not @managed
 * @drv_free: the driver's last words, of a card that is freed
 * @lock: guards the lists below
 * @pcms: PCMs
 * @midis: raw MIDI devices
 * @jacks: jacks
 * @hwdeps: hardware dependent devices
 * @ctls: controls
 * @parts: devices of the driver's own
 * @procs: files in /proc/asound
 * @added: controls that a driver added and did not register yet
 * @owner: module that the incoming driver named as the card's
 * @stock: references on @stock_of, for files that are closed too early
 * @stock_of: the module that became the card's
 * @stock_from: the one that was
 * @made: when its driver began to make it
 * @stopped: when its streams lost their driver, in a hand-over
 * @takes: how long a hand-over takes, on average
 * @varies: mean deviation of that
 * @learned: there was one; otherwise, both are guessed
 * @wq: who waits for streams to land
 */
struct ss_card {
	struct kref ref;
	struct list_head list;
	u64 id;
	struct snd_card *card;
	struct lu_device *ldev;
	enum ss_mode mode;
	bool managed;
	bool handed;
	bool adopted;
	bool stuck;
	void *area;
	void (*drv_free)(struct snd_card *card);
	struct mutex lock;	/* guards the lists below */
	struct list_head pcms;
	struct list_head midis;
	struct list_head jacks;
	struct list_head hwdeps;
	struct list_head ctls;
	struct list_head parts;
	struct list_head procs;
	struct list_head added;
	struct module *owner;
	unsigned int stock;
	struct module *stock_of;
	struct module *stock_from;
	ktime_t made;
	ktime_t stopped;
	ktime_t takes;
	ktime_t varies;
	bool learned;
	wait_queue_head_t wq;
};

#define ss_for_each(_sc, _txn)						\
	for (_sc = ss_next(_txn, NULL); _sc; _sc = ss_next(_txn, _sc))

/* Streams of a card; the list of PCMs changes only while its driver probes. */
#define ss_for_each_stream(_st, _sc)					\
	for (_st = ss_next_stream(_sc, NULL); _st; _st = ss_next_stream(_sc, _st))
#define ss_for_each_sub(_sub, _st)					\
	for (_sub = (_st)->subs; _sub < (_st)->subs + (_st)->nr; _sub++)

static inline bool ss_in_update(const struct ss_card *sc)
{
	return READ_ONCE(sc->mode) == SS_ACTIVE;
}

/* taps.c, main.c */
enum {
	SS_TAP_RAWMIDI_NEW,
	SS_TAP_RAWMIDI_SET_OPS,
	SS_TAP_HWDEP_NEW,
};

extern struct lu_tap sound_taps[];
extern const size_t sound_nr_taps;
extern struct lu_shadow sound_lu_shadow;

/* object.c */
struct ss_card *ss_find(const struct snd_card *card);
struct ss_card *ss_find_kept(const struct lu_device *ldev);
struct ss_card *ss_find_handed(const struct lu_device *ldev);
struct ss_card *ss_next(struct lu_txn *txn, struct ss_card *prev);
struct ss_card *ss_track(struct snd_card *card, struct lu_device *ldev, bool managed, void *area);
void ss_untrack(struct ss_card *sc);
void ss_get(struct ss_card *sc);
void ss_put(struct ss_card *sc);
int ss_part_add(struct ss_card *sc, struct list_head *list, void *thing);
bool ss_part_drop(struct ss_card *sc, struct list_head *list, const void *thing);

/* card.c */
struct snd_card *ss_card_hand_out(struct ss_card *sc, struct module *owner, size_t extra);
int ss_card_adopt(struct ss_card *sc);
void ss_card_settle(struct ss_card *sc);
int ss_card_managed(struct ss_card *sc, struct device *parent);
int ss_card_registered(struct ss_card *sc);
void ss_card_leave(struct ss_card *sc);
void ss_card_gone(struct ss_card *sc);
void ss_card_part(struct ss_card *sc);
int ss_card_refusal(struct ss_card *sc, struct lu_txn *txn);
void ss_card_verify(struct ss_card *sc, struct lu_txn *txn);

/* control.c */
void ss_ctl_track(struct ss_card *sc, struct snd_kcontrol *kctl);
bool ss_ctl_adopt(struct ss_card *sc, struct snd_kcontrol *twin);
struct ss_ctl *ss_ctl_find(struct ss_card *sc, const struct snd_kcontrol *kctl);
void ss_ctl_drop(struct ss_card *sc, const struct snd_kcontrol *kctl);
struct snd_kcontrol *ss_ctl_mine(struct ss_card *sc, struct snd_kcontrol *kctl);
void ss_ctl_free(struct ss_ctl *sk);
int ss_ctl_remove(struct ss_card *sc, struct snd_kcontrol *kctl);
int ss_ctls_prepare(struct ss_card *sc);
void ss_ctls_unprepare(struct ss_card *sc);
int ss_ctls_away(struct ss_card *sc);
void ss_ctls_part(struct ss_card *sc);
void ss_ctls_verify(struct ss_card *sc, struct lu_txn *txn);
unsigned int ss_ctls_replay(struct ss_card *sc);
void ss_ctls_settle(struct ss_card *sc);

/* control_new.c */
bool ss_ctl_same_id(const struct snd_ctl_elem_id *a, const struct snd_ctl_elem_id *b);
int ss_ctl_add(struct ss_card *sc, struct snd_kcontrol *kctl);
int ss_ctls_place(struct ss_card *sc);
void ss_ctls_forget(struct ss_card *sc);
struct snd_kcontrol *ss_ctl_find_mine(struct ss_card *sc, const struct snd_ctl_elem_id *id);
int ss_ctl_take_off(struct ss_card *sc, struct snd_kcontrol *kctl);
bool ss_ctl_rename(struct ss_card *sc, struct snd_kcontrol *kctl, const char *name);

/* control_away.c */
int ss_away_info(struct snd_kcontrol *kctl, struct snd_ctl_elem_info *info);
int ss_away_get(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value);
int ss_away_put(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value);
int ss_away_tlv(struct snd_kcontrol *kctl, int op, unsigned int size, unsigned int __user *tlv);

/* pcm.c */
int ss_pcm_new(struct ss_card *sc, const char *id, int device, int playback, int capture,
	       struct snd_pcm **ret);
struct ss_pcm *ss_pcm_find(const struct snd_pcm *pcm);
struct ss_stream *ss_next_stream(struct ss_card *sc, struct ss_stream *st);
void ss_pcm_set_ops(struct ss_pcm *sp, int direction, const struct snd_pcm_ops *ops);
void ss_pcm_buffer_made(struct snd_pcm *pcm, const struct snd_pcm_substream *one, int type,
			struct device *dev);
int ss_pcm_buffer(struct ss_pcm *sp, const struct snd_pcm_substream *ss, int type,
		  struct device *dev, size_t max);
int ss_pcm_chmap(struct ss_pcm *sp, int direction, const struct snd_pcm_chmap_elem *chmap,
		 int channels, unsigned long value, struct snd_pcm_chmap **ret);
void ss_pcm_free(struct ss_pcm *sp);
void ss_pcm_drop(struct ss_pcm *sp);
void ss_pcms_part(struct ss_card *sc);
void ss_pcms_settle(struct ss_card *sc);
void ss_pcm_name(char *dst, size_t size, const struct ss_stream *st);

/* stream.c */
int ss_stream_refusal(struct ss_stream *st, struct lu_txn *txn);
int ss_streams_away(struct ss_card *sc, struct lu_txn *txn);
void ss_streams_part(struct ss_card *sc);
int ss_streams_replay(struct ss_card *sc, struct lu_txn *txn);
void ss_streams_land(struct ss_card *sc);
bool ss_streams_landed(struct ss_card *sc);
void ss_streams_wake(struct ss_card *sc);
void ss_sub_close(struct ss_sub *sub);

/* pretend.c */
extern const struct snd_pcm_ops ss_away_ops;
int ss_drv_open(struct snd_pcm_substream *ss);
int ss_sub_open(struct ss_sub *sub);
u64 ss_position(struct ss_sub *sub);
void ss_pretend_init(struct ss_sub *sub);
void ss_pretend_go(struct ss_sub *sub);
void ss_pretend_end(struct ss_sub *sub);

/* moment.c */
u64 ss_moment_expected(const struct ss_card *sc);
void ss_moment_made(struct ss_card *sc);
void ss_moment_wait(struct lu_txn *txn, unsigned long deadline);
void ss_moment_stopped(struct ss_card *sc);
void ss_moment_ready(struct ss_card *sc, bool there);

/* reopen.c */
int ss_reopen(struct ss_sub *sub);
int ss_open_params(struct ss_sub *sub, struct snd_pcm_hw_params *params);
void ss_reopen_settle(struct ss_card *sc);

/* caps.c */
int ss_caps_ask(struct ss_stream *st, struct ss_caps *caps);
void ss_caps_verify(struct ss_stream *st, struct lu_txn *txn);

/* midi.c */
int ss_midi_new(struct ss_card *sc, char *id, int device, int output, int input,
		struct snd_rawmidi **ret);
bool ss_midi_set_ops(struct snd_rawmidi *rmidi, int stream, const struct snd_rawmidi_ops *ops);
void ss_midis_away(struct ss_card *sc);
int ss_midis_reopen(struct ss_card *sc, struct lu_txn *txn);
void ss_midis_part(struct ss_card *sc);
void ss_midis_verify(struct ss_card *sc, struct lu_txn *txn);
void ss_midis_resume(struct ss_card *sc);

/* jack.c */
struct ss_jack *ss_jack_find(struct ss_card *sc, const void *jack);
int ss_jack_new(struct ss_card *sc, const char *id, int type, struct snd_jack **ret, bool kctl,
		bool phantom);
int ss_jack_kctl(struct ss_card *sc, struct snd_jack *jack, const char *name, int mask);
void ss_jack_part(struct ss_card *sc, struct ss_jack *sj);
void ss_jacks_part(struct ss_card *sc);
void ss_jacks_verify(struct ss_card *sc, struct lu_txn *txn);
void ss_jacks_settle(struct ss_card *sc);

/* hwdep.c */
struct ss_hwdep *ss_hwdep_find(struct ss_card *sc, const void *hwdep);
int ss_hwdep_new(struct ss_card *sc, char *id, int device, struct snd_hwdep **ret);
int ss_hwdep_refusal(struct ss_hwdep *sh, struct lu_txn *txn);
int ss_hwdeps_away(struct ss_card *sc);
void ss_hwdep_part(struct ss_card *sc, struct ss_hwdep *sh);
void ss_hwdeps_part(struct ss_card *sc);
void ss_hwdeps_verify(struct ss_card *sc, struct lu_txn *txn);
void ss_hwdeps_resume(struct ss_card *sc);

/* refs.c */
void ss_refs_switch(struct ss_card *sc);
bool ss_refs_moved(struct lu_txn *txn, const struct module *from);
void ss_refs_wait(struct lu_txn *txn);
void ss_refs_settle(struct ss_card *sc);

#endif /* _LU_SOUND_SHADOW_H */
