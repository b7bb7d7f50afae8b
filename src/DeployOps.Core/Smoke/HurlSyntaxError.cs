namespace DeployOps.Smoke;

/// <summary>One mistake in a smoke file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in characters.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record HurlSyntaxError(int Line, int Column, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Line}:{Column} {Message}";
}
