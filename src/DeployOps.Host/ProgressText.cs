using System.Globalization;
using System.Management.Automation;

namespace DeployOps.Host;

/// <summary>Says a progress record in one line.</summary>
internal static class ProgressText
{
    /// <summary><c>Rollout  42 %  green-1 drains, 3 requests left</c>, on one line whatever the record holds.</summary>
    public static string Format(ProgressRecord record)
    {
        var percent = record.PercentComplete >= 0 ? string.Create(CultureInfo.InvariantCulture, $"{record.PercentComplete} %") : null;
        var left = record.SecondsRemaining >= 0 ? string.Create(CultureInfo.InvariantCulture, $"{record.SecondsRemaining} s left") : null;
        string?[] parts = [record.Activity, percent, record.StatusDescription, record.CurrentOperation, left];

        return string.Join("  ", parts.Where(part => !string.IsNullOrWhiteSpace(part)).Select(part => OneLine(part!)));
    }

    private static string OneLine(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
}
