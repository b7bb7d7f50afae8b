namespace DeployOps.Plans;

/// <summary>One mistake in a plan. It never holds what a reference yields.</summary>
/// <param name="Path">The plan as the caller named it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Key">The key it is about, such as <c>Rollout.Instances[0].Uri</c>; empty where it is about the text.</param>
/// <param name="Message">What is wrong and what was expected; it follows the key in a sentence.</param>
public sealed record PlanError(string Path, int Line, int Column, string Key, string Message)
{
    /// <summary>One line an editor can jump to: <c>plan.psd1:14:20 Rollout.Strategy 'BlueGren': expected BlueGreen.</c></summary>
    public override string ToString()
    {
        var place = $"{System.IO.Path.GetFileName(Path)}:{Line}:{Column}";
        return Key.Length == 0 ? $"{place} {Message}" : $"{place} {Key} {Message}";
    }
}
