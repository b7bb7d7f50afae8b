namespace DeployOps.Health.Logs;

/// <summary>What the logs hold up to a moment, usually before anything changed: how far they were read, and every kind of error they told of.</summary>
/// <param name="Positions">How far each file was read.</param>
/// <param name="Templates">The templates of the errors.</param>
/// <param name="Lines">How many lines were read.</param>
/// <param name="Errors">How many of them told of an error.</param>
public sealed record LogBaseline(IReadOnlyList<LogPosition> Positions, IReadOnlyList<string> Templates, long Lines, long Errors)
{
    /// <summary>Of the templates, those that were never seen before the release.</summary>
    public IReadOnlyList<NewErrorKind> Found { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Lines} lines in {Positions.Count} files, {Errors} errors of {Templates.Count} kinds");
}
