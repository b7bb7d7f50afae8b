using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What a run is known to have made, by table. A table is known by its name as it is written: the same without its schema, or in another one, may be another table.</summary>
internal sealed class MadeTables
{
    private readonly Dictionary<(string Path, string? Schema, string Name), List<MadePart>> tables = [];
    private readonly Dictionary<(string Path, string? Schema, string Name), SqlName> names = [];
    private string path = "";
    private string? ownPath;

    /// <summary>How much is known, to be gone back to by <see cref="Forget"/>.</summary>
    internal int Turn { get; private set; }

    /// <summary>What was made of a table; nothing of one that the run has not touched.</summary>
    internal IReadOnlyList<MadePart> Of(SqlName table) => tables.GetValueOrDefault(Key(table)) ?? [];

    internal bool Has(SqlName table, MadeKind kind, string name = "") => Of(table).Any(part => part.Kind == kind && part.Name == name);

    /// <summary>A table of this name that was made in another way of writing, as long as nobody has changed where names without a schema are looked up; null where there is none.</summary>
    internal SqlName? Namesake(SqlName table) => path.Length > 0 || ownPath is not null ? null : tables
        .Where(one => one.Key.Path.Length == 0 && one.Key.Name == table.Name && one.Key.Schema is null != table.Schema is null && one.Value.Exists(part => part.Kind == MadeKind.Table))
        .Select(one => names[one.Key])
        .FirstOrDefault();

    /// <summary>An index is known by its own name and its table's schema; null where the run has not made it.</summary>
    internal MadePart? Index(SqlName index) =>
        BesideIt(index).SelectMany(parts => parts).FirstOrDefault(part => part.Kind == MadeKind.Index && part.Name == index.Name);

    internal void Add(SqlName table, MadePart part)
    {
        var parts = tables.TryGetValue(Key(table), out var known) ? known : tables[Key(table)] = [];
        parts.Add(part with { Turn = ++Turn });
        names[Key(table)] = table;
    }

    /// <summary>Forgets a table with all that was made of it.</summary>
    internal void Drop(SqlName table) => tables.Remove(Key(table));

    /// <summary>Forgets what was made of a table, as far as it is meant.</summary>
    internal void Drop(SqlName table, Predicate<MadePart> isMeant) => tables.GetValueOrDefault(Key(table))?.RemoveAll(isMeant);

    /// <summary>Forgets an index of this name.</summary>
    internal void DropIndex(SqlName index)
    {
        foreach (var parts in BesideIt(index))
        {
            parts.RemoveAll(part => part.Kind == MadeKind.Index && part.Name == index.Name);
        }
    }

    /// <summary>A table bears another name from now on, and whatever bore that name before is gone.</summary>
    internal void Rename(SqlName table, SqlName to)
    {
        tables.Remove(Key(table), out var parts);
        tables.Remove(Key(to));
        foreach (var part in parts ?? [])
        {
            Add(to, part);
        }
    }

    /// <summary>Forgets what was made since then: it was made in a branch, or taken back, and is not there for certain.</summary>
    internal void Forget(int turn)
    {
        foreach (var parts in tables.Values)
        {
            parts.RemoveAll(part => part.Turn > turn);
        }
    }

    /// <summary>Forgets the tables of a kind, which have ended.</summary>
    internal void End(MadeKind kind)
    {
        foreach (var (key, _) in tables.Where(table => table.Value.Exists(part => part.Kind == kind)).ToList())
        {
            tables.Remove(key);
        }
    }

    /// <summary>From here on names without a schema are looked up by this, until the transaction ends or for good.</summary>
    internal void LookUpBy(string newPath, bool isLocal) => (path, ownPath) = isLocal ? (path, newPath) : (newPath, null);

    /// <summary>The transaction ends, and what was for it alone.</summary>
    internal void EndTransaction()
    {
        ownPath = null;
        End(MadeKind.UntilCommit);
    }

    /// <summary>Another script begins: its session may be the same or another, so that a path that was changed before is not known.</summary>
    internal void Begin(string script)
    {
        EndTransaction();
        End(MadeKind.Temporary);
        path = path.Length == 0 ? path : script;
    }

    private IEnumerable<List<MadePart>> BesideIt(SqlName index) => tables.Where(table => table.Key.Path == Key(index).Path && table.Key.Schema == index.Schema).Select(table => table.Value);

    private (string Path, string? Schema, string Name) Key(SqlName table) => (table.Schema is null ? ownPath ?? path : "", table.Schema, table.Name);
}
