namespace DeployOps.Migrations.Lint;

/// <summary>A statement that a rule speaks against.</summary>
public sealed record LintFinding
{
    /// <summary>The rule's id, such as <c>LCK002</c>, by which a script allows it.</summary>
    public required string Rule { get; init; }

    /// <summary>What it is about in a few words, such as <c>require-concurrent-index-creation</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How much it weighs, with what is known of the table.</summary>
    public required LintSeverity Severity { get; init; }

    /// <summary>The script's file name.</summary>
    public required string File { get; init; }

    /// <summary>The line of the script, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The statement on one line, cut at 100 characters; empty where the finding is about the whole script.</summary>
    public string Statement { get; init; } = "";

    /// <summary>The table it is about; null where it is about none or it is not known.</summary>
    public string? Table { get; init; }

    /// <summary>What would happen.</summary>
    public required string Why { get; init; }

    /// <summary>The safe way to write it.</summary>
    public required string Advice { get; init; }

    /// <summary>A query, read only, whose rows would make the statement fail; null where the data does not matter.</summary>
    public string? Probe { get; init; }

    /// <summary>The statement before it in the run, as file and line, that writes the rows which decide, so that they are known only then; null where none does.</summary>
    public string? WrittenBefore { get; init; }

    /// <summary>What the database knows of the table; null where it was not asked or does not say.</summary>
    public TableFacts? Facts { get; init; }

    /// <summary>Whether the script allows it.</summary>
    public bool Allowed { get; init; }

    /// <summary>Why it is allowed, in the words of the script; null where it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it refuses a migration: an error that is not allowed.</summary>
    public bool Refuses => Severity == LintSeverity.Error && !Allowed;

    /// <summary>What would happen, with what is known of the table.</summary>
    internal string WhyHere => Facts is null ? Why : $"{Why} It has {Facts}.";

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}: {Rule} {Name}: {WhyHere} {(Allowed ? $"Allowed: {Reason}" : Advice)}";
}
