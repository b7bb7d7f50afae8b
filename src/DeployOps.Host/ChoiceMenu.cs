using System.Management.Automation.Host;

namespace DeployOps.Host;

/// <summary>The answers to one question: how they are shown and which of them a typed word means.</summary>
internal sealed class ChoiceMenu
{
    private readonly List<(string Key, string Label, string Help)> _choices;
    private readonly int _default;

    /// <param name="choices">The answers; an ampersand in a label stands before its key.</param>
    /// <param name="defaultChoice">The index that an empty line means, or -1.</param>
    public ChoiceMenu(IEnumerable<ChoiceDescription> choices, int defaultChoice)
    {
        _choices = choices.Select(Read).ToList();
        _default = defaultChoice;
    }

    /// <summary><c>[Y] Yes  [N] No  [?] Help (Y): </c></summary>
    public string Prompt
    {
        get
        {
            var answers = string.Join("  ", _choices.Select(choice => choice.Key.Length == 0 ? choice.Label : $"[{choice.Key}] {choice.Label}"));
            var suggested = _default >= 0 ? $" ({ShortName(_choices[_default])})" : string.Empty;
            return $"{answers}  [?] Help{suggested}: ";
        }
    }

    /// <summary>A line an answer.</summary>
    public string Help => string.Concat(_choices.Select(choice => $"{ShortName(choice)} - {choice.Help}{Environment.NewLine}"));

    /// <summary>The index of the answer that was typed as its key or its label; null where it is none of them.</summary>
    public int? Match(string answer)
    {
        if (answer.Length == 0)
        {
            return _default >= 0 ? _default : null;
        }

        var index = _choices.FindIndex(choice =>
            choice.Key.Equals(answer, StringComparison.OrdinalIgnoreCase) || choice.Label.Equals(answer, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index;
    }

    private static string ShortName((string Key, string Label, string Help) choice) => choice.Key.Length == 0 ? choice.Label : choice.Key;

    private static (string Key, string Label, string Help) Read(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        var key = mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label[mark + 1].ToString().ToUpperInvariant() : string.Empty;
        return (key, choice.Label.Replace("&", string.Empty, StringComparison.Ordinal), choice.HelpMessage ?? string.Empty);
    }
}
