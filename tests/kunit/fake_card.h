/* SPDX-License-Identifier: GPL-2.0 */
/* The fake driver as a driver of sound cards that play by the clock. */
#ifndef _KT_FAKE_CARD_H
#define _KT_FAKE_CARD_H

#include <sound/control.h>
#include <sound/core.h>
#include <sound/jack.h>
#include <sound/pcm.h>

#include "lu_kunit.h"

#define KT_CARD_RATE	48000
#define KT_CARD_ORDER	16
#define KT_CARD_WIRE	32

/**
 * struct kt_card_offer - what a version offers, and where it fails
 * @managed: devres frees the card
 * @formats: formats of all streams
 * @rates: rates of all streams
 * @channels: up to so many
 * @buffer: size of the buffer in bytes, up to
 * @period: size of a period in bytes, from
 * @info: more bits of struct snd_pcm_hardware's info
 * @buffer_type: kind of memory
 * @one_pcm: it has no second PCM
 * @no_capture: its first PCM does not record
 * @no_chmap: it gives no channel map
 * @no_switch: a control is missing
 * @no_jack: it has no jack
 * @extra: there is one more control
 * @volume: a control goes up to so much
 * @items: an enumeration has so many
 * @read_only: a control cannot be written
 * @open_err: what open returns
 * @params_err: what hw_params returns
 * @prepare_err: what prepare returns
 * @late_err: what probe returns when all is there but not registered
 * @last_err: what probe returns after it registered the card
 * @midi_err: what open of the raw MIDI device returns
 */
struct kt_card_offer {
	bool managed;
	u64 formats;
	unsigned int rates;
	unsigned int channels;
	size_t buffer;
	size_t period;
	unsigned int info;
	int buffer_type;
	bool one_pcm;
	bool no_capture;
	bool no_chmap;
	bool no_switch;
	bool no_jack;
	bool extra;
	long volume;
	unsigned int items;
	bool read_only;
	int open_err;
	int params_err;
	int prepare_err;
	int late_err;
	int last_err;
	int midi_err;
};

/**
 * struct kt_card_seen - what a version was told, and did
 * @open: streams that it was told to open, less those that it was told to close
 * @params: the same of hw_params and hw_free
 * @running: the same of start and stop
 * @starts: times that a stream was started
 * @left: when it was stopped last, how long until the end of the buffer, in ns
 * @puts: values that it was told
 * @midi: raw MIDI streams that it was told to open, less those that it was told to close
 * @cards: cards that it made, less those that it was told to free
 * @wrong: calls at a moment at which they are illegal
 * @dirty: private areas that were not empty
 * @order: on each device, a letter for each thing of its own that was freed
 * @volume: of each device
 * @route: likewise
 * @own: a control as it was allocated, of the first device
 */
struct kt_card_seen {
	atomic_t open;
	atomic_t params;
	atomic_t running;
	atomic_t starts;
	s64 left;
	atomic_t puts;
	atomic_t midi;
	atomic_t cards;
	atomic_t wrong;
	atomic_t dirty;
	char order[KT_DEVICES][KT_CARD_ORDER];
	long volume[KT_DEVICES];
	unsigned int route[KT_DEVICES];
	struct snd_kcontrol *own;
};

/**
 * struct kt_card_env - the stage of the suite
 * @offer: of each version
 * @seen: by each version
 * @during: called by probe when all is there, the card not yet registered
 * @wire: what left the first card by MIDI, whoever drove it
 * @sent: bytes of that
 */
struct kt_card_env {
	struct kt_card_offer offer[KT_VERSIONS];
	struct kt_card_seen seen[KT_VERSIONS];
	void (*during)(unsigned int nr, unsigned int device);
	char wire[KT_CARD_WIRE];
	unsigned int sent;
};

extern struct kt_card_env kt_cards;
/* What is to be called for the position. */
extern void * const kt_card_pointer;

void kt_card_reset(void);
bool kt_card_hears(char byte);
struct snd_card *kt_card_of(unsigned int device);
struct snd_pcm *kt_card_pcm(unsigned int device, unsigned int pcm);

#endif /* _KT_FAKE_CARD_H */
