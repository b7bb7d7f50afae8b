using System.Management.Automation.Runspaces;

namespace DeployOps.Host;

/// <summary>Turns a command line's words into a script's parameters, the way <c>pwsh -File</c> takes them.</summary>
internal static class ScriptArguments
{
    /// <summary>
    /// <c>-Name:value</c> is one parameter, and <c>$true</c> or <c>$false</c> after its colon is that value; <c>-Name</c>
    /// keeps its dash, which leaves it to the engine to see whether the next word is its value; all else is positional.
    /// Values stay strings and are converted by the parameter's type. No word is special, <c>--</c> neither.
    /// </summary>
    public static IEnumerable<CommandParameter> Bind(IReadOnlyList<string> words) => words.Select(Bind);

    private static CommandParameter Bind(string word)
    {
        if (!LooksLikeName(word))
        {
            return new CommandParameter(null, word);
        }

        var colon = word.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || colon == word.Length - 1
            ? new CommandParameter(word)
            : new CommandParameter(word[..(colon + 1)], AsSwitchValue(word[(colon + 1)..]));
    }

    // A dash before a digit begins a number, and two dashes a word of some other command.
    private static bool LooksLikeName(string word) =>
        word.Length > 1 && word[0] == '-' && (char.IsLetter(word[1]) || word[1] == '_');

    private static object AsSwitchValue(string value) => value.ToUpperInvariant() switch
    {
        "$TRUE" or "TRUE" => true,
        "$FALSE" or "FALSE" => false,
        _ => value,
    };
}
