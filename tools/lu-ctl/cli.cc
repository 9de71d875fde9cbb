// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>

#include "render.h"
#include "suggest.h"
#include "version.h"

namespace luctl {
namespace {

/// What parsing found: a verb to run, or a text to print and be done.
struct Invocation {
  const Command* command = nullptr;
  Args args;
  bool json = false;
  std::string text;
};

constexpr const char* kFooter =
    "Exit status: 0 done; 1 usage or other error; 2 no such driver, or not managed;\n"
    "3 rolled back, the old driver runs; 4 failed, neither runs; 5 busy.\n";

void add_command(CLI::App& app, const Command& command, Args& args) {
  CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
  sub->fallthrough();
  if (command.max_words != 0) {
    constexpr int kMany = 1 << 20;
    sub->add_option("words", args.words)
        ->expected(0, command.max_words < 0 ? kMany : command.max_words);
  }
  for (const Option& option : command.options) {
    std::string name(option.name);
    if (option.value.empty()) {
      sub->add_flag_callback(
          name, [&args, name] { args.options[name] = ""; }, std::string(option.help));
    } else {
      sub->add_option_function<std::string>(
             name, [&args, name](const std::string& value) { args.options[name] = value; },
             std::string(option.help))
          ->type_name(std::string(option.value));
    }
  }
}

std::string usage(const Command& command) {
  return fmt::format("lu-ctl {}{}{}{}", command.name, command.options.empty() ? "" : " [OPTION...]",
                     command.args.empty() ? "" : " ", command.args);
}

std::string verb_help(const Command& command) {
  std::string text = fmt::format("Usage: {}\n\n{}\n\nOptions:\n", usage(command), command.summary);
  auto add = [&](std::string_view name, std::string_view value, std::string_view help) {
    std::string option = fmt::format("{}{}{}", name, value.empty() ? "" : "=", value);
    text += fmt::format("  {:<18} {}\n", option, help);
  };
  for (const Option& option : command.options) add(option.name, option.value, option.help);
  add("--json", "", "data as JSON on standard output");
  add("--help", "", "this text");
  return text + "\n" + kFooter;
}

/// An unknown verb deserves more than CLI11's list of leftovers.
Result<void> check_verb(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument.starts_with("-")) continue;
    if (find_command(argument)) return {};
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    return Error{Exit::kError, fmt::format("no verb {}{}", argument, did_you_mean(argument, names)),
                 "lu-ctl --help", 0, nullptr};
  }
  return {};
}

/// " (did you mean --policy?)" for an option that @p verb does not have.
std::string option_hint(const std::string& verb, const std::vector<std::string>& unknown) {
  const Command* command = find_command(verb);
  if (!command || unknown.empty() || !unknown.front().starts_with("-")) return "";
  std::vector<std::string> names = {"--json", "--help"};
  for (const Option& option : command->options) names.emplace_back(option.name);
  return did_you_mean(unknown.front().substr(0, unknown.front().find('=')), names);
}

Result<Invocation> parse(const std::vector<std::string>& arguments) {
  Invocation call;
  if (auto verb = check_verb(arguments); !verb) return verb.error();

  CLI::App app("Live update of device drivers.", "lu-ctl");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("lu-ctl ") + kVersion);
  app.add_flag("--json", call.json, "data as JSON on standard output");
  app.require_subcommand(1);
  for (const Command& command : commands()) add_command(app, command, call.args);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    auto chosen = app.get_subcommands();
    call.text = chosen.empty() ? app.help() : verb_help(*find_command(chosen.front()->get_name()));
    return call;
  } catch (const CLI::CallForVersion& version) {
    call.text = std::string(version.what()) + "\n";
    return call;
  } catch (const CLI::ParseError& error) {
    auto chosen = app.get_subcommands();
    std::string verb = chosen.empty() ? "" : chosen.front()->get_name();
    std::string what = verb.empty() ? error.what() : verb + ": " + error.what();
    return Error{Exit::kError, what + option_hint(verb, app.remaining(true)),
                 fmt::format("lu-ctl {}{}--help", verb, verb.empty() ? "" : " "), 0, nullptr};
  }
  call.command = find_command(app.get_subcommands().front()->get_name());
  if (static_cast<int>(call.args.words.size()) < call.command->min_words)
    return Error{Exit::kError, fmt::format("{}: something is missing", call.command->name),
                 usage(*call.command), 0, nullptr};
  return call;
}

/// Standard output, with the errors that a full disk or a closed pipe makes kept for the end.
class Output {
 public:
  explicit Output(Streams streams) : streams_(streams) {}
  void data(const std::string& text) {
    if (!error_ && std::fwrite(text.data(), 1, text.size(), streams_.out) != text.size())
      error_ = errno;
  }
  void flush() {
    if (std::fflush(streams_.out) != 0 && !error_) error_ = errno;
  }
  void diagnostic(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), streams_.err);
    std::fflush(streams_.err);
  }
  /// What lu-ctl returns: an exit code of an operation stands, even where its output was lost.
  Exit finish(Exit exit) {
    flush();
    if (!error_) return exit;
    diagnostic(fmt::format("lu-ctl: cannot write the output: {}\n", std::strerror(error_)));
    return exit == Exit::kDone ? Exit::kError : exit;
  }
  bool broken() const { return error_ != 0; }

 private:
  Streams streams_;
  int error_ = 0;
};

Exit report_error(Output& output, const Error& error, bool json) {
  if (json)
    output.data(render_json(error_value(error)));
  else if (!error.details.is_null())
    output.data(render_text(error.details));
  // What was found comes before the verdict, also where both go to one terminal.
  output.flush();
  output.diagnostic(render_error(error));
  return output.finish(error.exit);
}

}  // namespace

Exit run_cli(const std::vector<std::string>& arguments, Kernel& kernel, Streams streams) {
  Output output(streams);
  auto call = parse(arguments);
  if (!call) {
    bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    return report_error(output, call.error(), json);
  }
  if (!call->command) {
    output.data(call->text);
    return output.finish(Exit::kDone);
  }
  bool json = call->json;
  call->args.note = [&](const std::string& text) { output.diagnostic("lu-ctl: " + text + "\n"); };
  call->args.emit = [&](const Value& value) {
    output.data(json ? render_json(value, true) : render_line(value));
    output.flush();
    return !output.broken();
  };
  auto result = run_command(*call->command, kernel, call->args);
  if (!result) return report_error(output, result.error(), json);
  if (!result->is_null()) output.data(json ? render_json(*result) : render_text(*result));
  return output.finish(Exit::kDone);
}

}  // namespace luctl
