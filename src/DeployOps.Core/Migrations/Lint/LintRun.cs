using System.Globalization;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What the scripts of one run have made so far, in the order in which they would be applied.</summary>
internal sealed class LintRun
{
    // OR REPLACE ALGORITHM = MERGE DEFINER = user@host SQL SECURITY DEFINER VIEW: what is made is named within so many.
    private const int HeadOfDefinition = 16;

    private static readonly string[] Opaque = ["DO", "CALL", "EXECUTE", "LOAD", "IF", "CASE", "WHILE", "LOOP", "REPEAT", "FOR"];

    private readonly MadeTables made;
    private readonly TableChanges changes;
    private readonly List<(SqlName Table, string First)> indexed = [];
    private readonly List<(SqlName Name, string? Part)> gone = [];
    private readonly List<SqlName> goneTriggers = [];

    // By table: who wrote it last. A dump writes the same one again and again.
    private readonly Dictionary<string, Write> writes = new(StringComparer.Ordinal);
    private string lastWritten = "";
    private int turn;

    internal LintRun() => changes = new TableChanges(made = new MadeTables());

    /// <summary>Foreign keys that the run makes, of columns that it makes or that are there, to be looked at when all indexes are known.</summary>
    internal List<(LintStatement Statement, SqlName Table, string Column, bool IsNew)> ForeignKeys { get; } = [];

    /// <summary>Whether a statement before may have dropped something without naming it.</summary>
    internal bool MayHaveDropped { get; private set; }

    /// <summary>Whether the run created the table, by the name as it was written there: in another schema it is another table.</summary>
    internal bool IsNew(SqlName? table) => table is not null && (table.Schema is "pg_temp" || made.Has(table, MadeKind.Table));

    /// <summary>A table of the same name that the run made, written with a schema where this one is written without, or the other way round; null where there is none.</summary>
    internal SqlName? Namesake(SqlName? table) => table is null || IsNew(table) ? null : made.Namesake(table);

    internal bool IsNewIndex(SqlName index) => made.Index(index) is not null;

    internal bool IsNewColumn(SqlName table, string column) => IsNew(table) || made.Has(table, MadeKind.Column, column);

    internal bool IsIndexed(SqlName table, string column) => indexed.Exists(one => one.Table.Matches(table) && one.First == column);

    /// <summary>Whether the run has proven that the column holds no NULL: a CHECK that says so, validated.</summary>
    internal bool IsProvenNotNull(SqlName table, string column) => made.Of(table).Any(part => part.Proves(column));

    /// <summary>The columns of an index that the run made on the table; none of one with an expression, or that it did not make.</summary>
    internal IReadOnlyList<SqlName> ColumnsOf(SqlName table, SqlName index) =>
        made.Of(table).FirstOrDefault(part => part.Kind == MadeKind.Index && part.Name == index.Name)?.Text.FirstNames() ?? [];

    /// <summary>How the run created a domain; null where it did not.</summary>
    internal SqlClause? Domain(SqlName domain) => made.Of(domain).FirstOrDefault(part => part.Kind == MadeKind.Domain)?.Text;

    /// <summary>Whether the run has given the partition a CHECK, validated, that names each value of its bounds.</summary>
    internal bool HasCheck(SqlName partition, SqlClause bounds) => made.Of(partition).Any(part => part.Kind == MadeKind.Check && part.IsValid && Values(bounds).All(Values(part.Text).Contains));

    /// <summary>The last statement before that writes rows of one of these tables, as file and line; null where none does.</summary>
    internal string? WriterOf(params IEnumerable<SqlName?> several) =>
        writes.Values.Where(write => write.Table is null || several.Any(table => write.Table.Matches(table))).MaxBy(write => write.Turn)?.ToString();

    /// <summary>Tells of what uses something whether the statements until now have dropped it or made it anew.</summary>
    internal Func<ObjectUse, bool> GoneBefore()
    {
        var (count, triggers) = (gone.Count, goneTriggers.Count);
        return use => gone.Take(count).Any(one => use.IsOf(one.Name, one.Part)) || (use.Kind == "trigger" && goneTriggers.Take(triggers).Any(name => name.Name.Equals(use.Path[^1], StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>What is known to be made, to be gone back to by <see cref="Forget"/>.</summary>
    internal LintRunMark Mark() => new(made.Turn, indexed.Count);

    /// <summary>Forgets what was made since the mark: it was made in a branch, and is not there for certain.</summary>
    internal void Forget(LintRunMark mark)
    {
        made.Forget(mark.Made);
        indexed.RemoveRange(mark.Indexed, indexed.Count - mark.Indexed);
    }

    /// <summary>Sees that another script begins.</summary>
    internal void Begin(string script) => made.Begin(script);

    /// <summary>Sees a statement after the rules have seen it.</summary>
    internal void See(LintStatement statement)
    {
        SeeWrites(statement);
        changes.See(statement);
        if (statement.MayNotRun)
        {
            MayHaveDropped |= LostObjects.Read(statement).Any();
        }
        else
        {
            SeeGone(statement);
        }

        if (statement.MakesOnlyWhatIsMissing)
        {
            return;
        }

        if (statement.Create is { } create)
        {
            SeeColumns(statement, create.Table, create.Columns(), create.Constraints());
        }
        else if (statement.Index is { } index)
        {
            indexed.AddRange(index.Columns.Take(1).Select(column => (index.Table, column.Name)));
        }
        else if (statement.Alter is { } alter)
        {
            SeeColumns(statement, alter.Table, alter.AddedColumns(), alter.AddedConstraints());
        }
    }

    /// <summary>Sees that the table that was written last is written on, as far as this line.</summary>
    internal void SeeMoreRows(int line) => writes[lastWritten] = writes[lastWritten] with { Line = line, Turn = ++turn };

    // Nobody knows here what a procedure, a block or a text that is made at run time writes.
    private void SeeWrites(LintStatement statement)
    {
        var isAny = IsOpaque(statement);
        var copied = statement.All.Begins("COPY") && statement.All.HasAtTop("FROM") ? statement.All.Walk(1).TakeName() : null;
        var truncated = statement.All.Begins("TRUNCATE") ? statement.All.Walk(statement.All.Begins("TRUNCATE", "TABLE") ? 2 : 1).TakeNames() : [];
        List<SqlName?> written = isAny ? [null] : [.. statement.Changes.SelectMany(change => change.Tables), .. truncated, .. copied is null ? [] : new[] { copied }];
        foreach (var table in written)
        {
            lastWritten = table?.ToString() ?? "";
            writes[lastWritten] = new Write(table, statement.Script.File, statement.Statement.Line, ++turn);
        }
    }

    private static bool IsOpaque(LintStatement statement) => Array.Exists(Opaque, word => statement.All.Begins(word)) || statement.All.Begins("BEGIN", "NOT");

    private void SeeGone(LintStatement statement)
    {
        // What got another name is dropped by that, and nobody follows it here.
        MayHaveDropped |= IsOpaque(statement) || LostObjects.Cascades(statement) || statement.All.Begins("DROP", "OWNED") || (statement.All.Begins("ALTER") && (statement.All.HasAtTop("RENAME") || statement.All.HasAtTop("SET", "SCHEMA")));
        gone.AddRange(LostObjects.Read(statement).Where(one => one.Manner == LossManner.Dropped).Select(one => (one.Name, one.Part)));
        var cursor = statement.All.Walk();
        if ((cursor.Take("DROP") && cursor.SeesOneOf("TRIGGER", "POLICY", "RULE", "EVENT")) || (cursor.Take("ALTER") && cursor.Sees("POLICY")))
        {
            cursor.Skip();
            cursor.TakeNoise();
            var name = cursor.TakeName();
            if (name is not null && cursor.Take("ON") && cursor.TakeName() is { } table)
            {
                gone.Add((table, name.Name));
            }
            else if (name is not null)
            {
                // MariaDB's triggers are named without their table.
                gone.Add((name, null));
                goneTriggers.Add(name);
            }
        }
        else if (Remade(statement.All) is { } remade)
        {
            gone.Add((remade, null));
            goneTriggers.Add(remade);
        }

        if (statement.Alter is { } alter)
        {
            gone.AddRange(Parts(alter).Select(part => (alter.Table, (string?)part.Name)));
        }
    }

    // Columns whose type, default or expression is another now, and MariaDB's DROP FOREIGN KEY.
    private static IEnumerable<SqlName> Parts(AlterTable alter)
    {
        foreach (var (action, at) in alter.Beginning("ALTER").Select(action => (action, 1)).Concat(alter.Beginning("DROP", "FOREIGN", "KEY").Select(action => (action, 3))))
        {
            var cursor = action.Walk(at);
            cursor.Take("COLUMN");
            cursor.TakeNoise();
            if (cursor.TakeName() is { } part)
            {
                yield return part;
            }
        }
    }

    // CREATE OR REPLACE VIEW, ALTER VIEW … AS: what it says now is in the script, and what it said before is what the database tells of.
    private static SqlName? Remade(SqlClause all)
    {
        var from = all.Begins("CREATE", "OR", "REPLACE") ? 3 : all.Begins("ALTER") && all.HasAtTop("AS") ? 1 : all.Tokens.Count;
        for (var (cursor, left) = (all.Walk(from), HeadOfDefinition); !cursor.IsAtEnd && left > 0; left--)
        {
            if (cursor.SeesOneOf("VIEW", "FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "RULE"))
            {
                cursor.Skip();
                cursor.TakeNoise();
                return cursor.TakeName();
            }

            cursor.Skip();
        }

        return null;
    }

    private void SeeColumns(LintStatement statement, SqlName table, IEnumerable<ColumnDefinition> added, IEnumerable<SqlClause> constraints)
    {
        foreach (var column in added)
        {
            if (column.IsPrimaryKey || column.Rest.HasAtTop("UNIQUE"))
            {
                indexed.Add((table, column.Name));
            }

            if (column.Rest.HasAtTop("REFERENCES"))
            {
                ForeignKeys.Add((statement, table, column.Name, true));
            }
        }

        foreach (var constraint in constraints)
        {
            var first = constraint.FirstNames().Take(1).ToList();
            if (constraint.Begins("PRIMARY") || constraint.Begins("UNIQUE"))
            {
                indexed.AddRange(first.Select(column => (table, column.Name)));
            }
            else if (constraint.Begins("FOREIGN"))
            {
                ForeignKeys.AddRange(first.Select(column => (statement, table, column.Name, IsNewColumn(table, column.Name))));
            }
        }
    }

    private static IEnumerable<string> Values(SqlClause clause) => clause.Tokens.Where(token => token.Kind is SqlTokenKind.Number or SqlTokenKind.Text).Select(token => token.Text);

    private sealed record Write(SqlName? Table, string File, int Line, int Turn)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
    }
}
