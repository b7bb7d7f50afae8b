namespace DeployOps.Smoke.Syntax;

/// <summary>A place in a smoke file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in characters.</param>
internal readonly record struct SourcePosition(int Line, int Column)
{
    /// <summary>A place later in the same line.</summary>
    public SourcePosition Plus(int columns) => this with { Column = Column + columns };

    /// <inheritdoc/>
    public override string ToString() => $"{Line}:{Column}";
}
