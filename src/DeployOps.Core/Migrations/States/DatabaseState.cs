namespace DeployOps.Migrations.States;

/// <summary>What a database consists of at one moment. Null is what its kind does not have, or what is not looked at at that moment.</summary>
public sealed record DatabaseState
{
    /// <summary>Its tables, without those of extensions and of the history.</summary>
    public IReadOnlyList<TableState> Tables { get; init; } = [];

    /// <summary>Its tables, columns, constraints and indexes, a line each, such as <c>column public.orders.status text not null</c>.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    /// <summary>Indexes that are not used since their building failed.</summary>
    public IReadOnlyList<string>? InvalidIndexes { get; init; }

    /// <summary>Constraints that hold for new rows only.</summary>
    public IReadOnlyList<string>? UnvalidatedConstraints { get; init; }

    /// <summary>Triggers, foreign keys and rules that are there and do not act, since somebody has turned them off, such as <c>trigger audit on public.orders</c>.</summary>
    public IReadOnlyList<string>? Disabled { get; init; }

    /// <summary>Sequences that number a column.</summary>
    public IReadOnlyList<SequenceState>? Sequences { get; init; }

    /// <summary>Tables whose engine takes nothing back and is not safe in a crash.</summary>
    public IReadOnlyList<string>? WithoutTransactions { get; init; }

    /// <summary>Tables and views that cannot be read: damaged, of an engine that is not there, or made of something that is gone.</summary>
    public IReadOnlyList<string>? Unreadable { get; init; }

    /// <summary>Columns and sequences that number by themselves.</summary>
    public IReadOnlyList<NumberState>? Numbers { get; init; }

    /// <summary>What a check of the whole file found; empty where it is whole.</summary>
    public IReadOnlyList<string>? Damage { get; init; }

    /// <summary>How many rows point to one that does not exist; of each table that has a foreign key.</summary>
    public IReadOnlyList<OrphanState>? Orphans { get; init; }
}
