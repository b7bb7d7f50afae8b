namespace DeployOps.Migrations.Rehearsal;

/// <summary>What a script did to the restored backup, and whether its undo script took it back.</summary>
public sealed record ScriptRehearsal
{
    /// <summary>The script's file name.</summary>
    public required string Script { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>The checksum of the text that was rehearsed.</summary>
    public required string Checksum { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Its statements in order, the first two hundred of them; empty where the database tells of none.</summary>
    public IReadOnlyList<StatementTrace> Statements { get; init; } = [];

    /// <summary>How many statements came after the first two hundred.</summary>
    public int StatementsMore { get; init; }

    /// <summary>How long taking it back took; null where that was not tried.</summary>
    public TimeSpan? UndoDuration { get; init; }

    /// <summary>Why it cannot be taken back; empty where schema and content, beside scripts that are run again contents, columns, constraints and indexes, were the same after its undo script as before it.</summary>
    public string NotReversible { get; init; } = "";

    /// <summary>True where contents, columns, constraints and indexes were compared and the rest of the schema was not, since scripts that are run again made what stays.</summary>
    public bool IsContentAlone { get; init; }

    /// <summary>True for one that is run again whenever its text changes: it needs no way back.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Whether <see cref="NotReversible"/> has nothing against it.</summary>
    public bool IsReversible => NotReversible.Length == 0;

    /// <inheritdoc/>
    public override string ToString() => RehearsalText.Script(this);
}
