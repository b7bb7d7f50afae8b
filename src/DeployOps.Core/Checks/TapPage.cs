using System.Globalization;
using System.Text;

namespace DeployOps.Checks;

/// <summary>Checks in the Test Anything Protocol, version 13 (testanything.org): a line a check, and behind one that does not hold a block of YAML.</summary>
internal static class TapPage
{
    /// <summary>What such a file begins with.</summary>
    internal const string Generator = "TAP version 13\n# DeployOps\n";

    /// <summary>Writes them. The same checks give the same bytes.</summary>
    internal static byte[] Render(IReadOnlyList<CheckCase> cases)
    {
        var page = new StringBuilder(Generator);
        page.Append(CultureInfo.InvariantCulture, $"1..{cases.Count}{(cases.Count == 0 ? " # SKIP there are no checks" : "")}\n");
        for (var i = 0; i < cases.Count; i++)
        {
            var one = cases[i];
            var isOk = one.State is CheckState.Passed or CheckState.Skipped;
            page.Append(CultureInfo.InvariantCulture, $"{(isOk ? "ok" : "not ok")} {i + 1} - {Word($"{one.Suite}: {one.Group}: {one.Name}")}{(one.State == CheckState.Skipped ? $" # SKIP {Word(one.Message)}" : "")}\n");
            if (!isOk)
            {
                page.Append(CultureInfo.InvariantCulture, $"  ---\n  message: {Quoted(one.Message)}\n  severity: {(one.State == CheckState.Error ? "error" : "fail")}\n  details: {Quoted(one.Details)}\n  duration_ms: {one.Duration.TotalMilliseconds:0}\n  ...\n");
            }
            else if (one.State == CheckState.Passed && one.Message.Length > 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"# {CheckText.Line(one.Message)}\n");
            }
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }

    // A # would begin a directive.
    private static string Word(string text) => CheckText.Line(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("#", "\\#", StringComparison.Ordinal);

    private static string Quoted(string text) => $"\"{CheckText.Clean(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
