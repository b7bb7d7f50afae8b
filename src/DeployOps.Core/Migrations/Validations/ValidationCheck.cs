using DeployOps.Gates;

namespace DeployOps.Migrations.Validations;

/// <summary>What one validation query answered, judged.</summary>
public sealed record ValidationCheck
{
    /// <summary>The query's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file it stands in.</summary>
    public required string File { get; init; }

    /// <summary>What was expected, as written.</summary>
    public required string Expected { get; init; }

    /// <summary>What was answered, or the server's words where it failed.</summary>
    public required string Actual { get; init; }

    /// <summary>Pass, Fail, or Unknown where it did not finish in time or nobody said what to expect of its rows.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>True where it returned rows and the file says nothing of them: a warning, never a pass.</summary>
    public bool IsWarning { get; init; }

    /// <summary>How long the query took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The first rows as <c>column=value</c> text.</summary>
    public IReadOnlyList<string> SampleRows { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Verdict}: {Name}: expected {Expected}, got {Actual}";
}
