using System.CommandLine;

namespace Exchange.Portal.Cli;

/// <summary>exchange completion bash | zsh — what lets a shell complete verbs and options.</summary>
internal static class Completion
{
    /// <summary>The program is asked for what fits where the cursor stands, so a script never is out of date.</summary>
    private const string Bash = """
        # exchange completion bash > /etc/bash_completion.d/exchange
        _exchange() {
          local IFS=$'\n' words
          words=$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
          COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _exchange exchange
        """;

    private const string Zsh = """
        #compdef exchange
        # exchange completion zsh > /usr/local/share/zsh/site-functions/_exchange
        _exchange() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
          found=("${(@)found:#}")
          if (( $#found )); then compadd -- "${found[@]}"; else _files; fi
        }
        if [ "$funcstack[1]" = _exchange ]; then _exchange "$@"; else compdef _exchange exchange; fi
        """;

    public static Command Command()
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        return new Command("completion", "Prints what lets a shell complete verbs and options.") { shell }.Does(
            (verb, _) =>
            {
                var script = verb.Get(shell) == "bash" ? Bash : Zsh;
                return Task.FromResult(new Answer(
                    new { shell = verb.Get(shell), script }, terminal => terminal.Say(script)));
            });
    }
}
