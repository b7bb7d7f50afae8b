using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// What writes a whole table anew while nobody can read it (PostgreSQL's manual, ALTER TABLE, Notes). Known to squawk (changing-column-type,
/// adding-field-with-default, adding-serial-primary-key-field), strong_migrations and eugene (E5, E10, E11); RWR003 is our own.
/// </summary>
internal static class RewriteRules
{
    // Stable or immutable: computed once, and stored as the value of the rows that are there.
    private static readonly HashSet<string> KnownStable = new(StringComparer.OrdinalIgnoreCase)
    {
        "now", "transaction_timestamp", "statement_timestamp", "current_timestamp", "localtimestamp", "current_time", "localtime", "current_date", "current_setting", "current_user", "session_user",
        "current_schema", "current_database", "version", "to_date", "to_timestamp", "date_trunc", "make_date", "make_interval", "timezone", "lower", "upper", "coalesce", "concat", "array", "cast", "json_build_object",
        "jsonb_build_object", "json_build_array", "jsonb_build_array", "to_jsonb", "to_json", "int4range", "daterange", "tstzrange", "point", "decode", "md5", "length", "round", "floor", "ceil", "abs", "nullif", "greatest", "least",
        "varchar", "character", "char", "numeric", "decimal", "bit", "varying", "time", "timestamp", "interval", "timestamptz", "in", "and", "or", "not", "when", "then", "else",
    };

    private static readonly string[] EndsDefault = ["NOT", "NULL", "CHECK", "UNIQUE", "PRIMARY", "REFERENCES", "CONSTRAINT", "GENERATED", "COLLATE", "DEFERRABLE"];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("RWR001", "changing-column-type", LintSeverity.Error,
            "The table and its indexes are written anew under a lock against reads and writes, and the running version meets another type.",
            "Add a column of the new type, fill it in chunks, let the application use it, and drop the old one in a later release.",
            statement => Types(statement, isWidening: false)),
        new("RWR001", "widening-column-type", LintSeverity.Warning,
            "Only a longer varchar, or text from varchar, is done at once; from any other type the table is written anew under a lock.",
            "See that the column is a shorter varchar now; allow it then.",
            statement => Types(statement, isWidening: true)),
        new("DAT001", "values-that-do-not-fit", LintSeverity.Warning,
            "It fails where a value is longer than the type allows.",
            "Look for them now and mend them in a script before this one.",
            TooLong) { BySize = false },
        new("RWR002", "volatile-default", LintSeverity.Error,
            "A default that differs from row to row is written into every row under a lock against reads and writes.",
            "Add the column without it, SET DEFAULT, and fill the rows that are there in chunks.",
            statement => Columns(statement, IsVolatile)),
        new("RWR002", "generated-column", LintSeverity.Error,
            "Its values are written into every row under a lock against reads and writes.",
            "Add a plain column, fill it in chunks and keep it by a trigger, or compute it in a view.",
            statement => Columns(statement, column => column.IsGenerated && column.Rest.Has("STORED"))),
        new("RWR002", "adding-serial-or-identity", LintSeverity.Error,
            "Numbers are written into every row under a lock against reads and writes.",
            "Add a plain bigint column, fill it in chunks, then attach the sequence or ADD GENERATED AS IDENTITY.",
            statement => Columns(statement, column => column.IsSerial || column.IsIdentity)),
        new("RWR002", "column-of-a-constrained-domain", LintSeverity.Error,
            "The constraint of its type is looked at by writing every row anew under a lock against reads and writes.",
            "Add a column of the type below the domain, with a CHECK NOT VALID of its own, and VALIDATE CONSTRAINT in the next script.",
            statement => Columns(statement, column => column.Rest.Walk().TakeName() is { } type && IsConstrained(statement.Run.Domain(type)))),
        new("RWR002", "column-of-a-constrained-domain", LintSeverity.Error,
            "The constraint of its type is looked at by writing every row anew under a lock against reads and writes.",
            "Add a column of the type below the domain, with a CHECK NOT VALID of its own, and VALIDATE CONSTRAINT in the next script.",
            OfUnknownType) { BySize = false, OnlyLarge = true },
        new("RWR003", "changing-storage", LintSeverity.Error,
            "The whole table is written anew or copied under a lock against reads and writes.",
            "Do it in a window without traffic, or fill a new table and swap.",
            statement => statement.Alter is { } alter ? alter.Actions.Any(IsStorage) ? [new LintHit(alter.Table)] : [] : MovedOther(statement)),
    ];

    private static IEnumerable<LintHit> Columns(LintStatement statement, Func<ColumnDefinition, bool> isMeant) =>
        statement.Alter is { } alter ? alter.AddedColumns().Where(isMeant).Select(_ => new LintHit(alter.Table)) : [];

    private static bool IsStorage(SqlClause action) =>
        action.Begins("SET", "LOGGED") || action.Begins("SET", "UNLOGGED") || action.Begins("SET", "TABLESPACE") || action.Begins("SET", "ACCESS", "METHOD");

    // ALTER INDEX i SET TABLESPACE fast, and ALTER TABLE ALL IN TABLESPACE slow SET TABLESPACE fast.
    private static IEnumerable<LintHit> MovedOther(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("ALTER"))
        {
            return [];
        }

        var isIndex = cursor.Take("INDEX");
        if (!isIndex && !cursor.Take("MATERIALIZED", "VIEW") && !cursor.Take("TABLE"))
        {
            return [];
        }

        if (cursor.Sees("ALL", "IN", "TABLESPACE"))
        {
            return [new LintHit()];
        }

        cursor.TakeNoise();
        var name = cursor.TakeName();
        var isMoved = name is not null && IsStorage(statement.All.From(cursor.At)) && !(isIndex && statement.Run.IsNewIndex(name));
        return isMoved ? [isIndex ? new LintHit { Subject = name } : new LintHit(name)] : [];
    }

    private static bool IsConstrained(SqlClause? domain) => domain is not null && (domain.HasAtTop("CHECK") || domain.HasAtTop("NOT", "NULL"));

    private static IEnumerable<LintHit> OfUnknownType(LintStatement statement)
    {
        foreach (var type in statement.Alter?.AddedColumns().Select(column => column.Rest.Walk().TakeName()).OfType<SqlName>() ?? [])
        {
            if (statement.Run.Domain(type) is null)
            {
                yield return new LintHit(statement.Alter!.Table) { Probe = CatalogueQueries.Constrained(type) };
            }
        }
    }

    private static IEnumerable<LintHit> Types(LintStatement statement, bool isWidening)
    {
        foreach (var (column, type) in Types(statement).Where(one => IsWidening(one.Type) == isWidening))
        {
            yield return new LintHit(statement.Alter!.Table) { Probe = CatalogueQueries.Rewritten(statement.Alter.Table, column, type) };
        }
    }

    // Of a column that is known to be no longer than that no row is looked at.
    private static IEnumerable<LintHit> TooLong(LintStatement statement)
    {
        foreach (var (column, type) in Types(statement))
        {
            var cursor = type.Walk();
            var isText = cursor.Take("varchar") || cursor.Take("character", "varying") || cursor.Take("character") || cursor.Take("char");
            if (isText && cursor.Take('(') && cursor.Current.Kind == SqlTokenKind.Number && !type.HasAtTop("USING"))
            {
                var table = statement.Alter!.Table;
                var unlessWider = CatalogueQueries.Rewritten(table, column, type) is { } rewritten ? $"EXISTS ({rewritten}) AND " : "";
                yield return new LintHit(table) { Probe = $"SELECT {column.Written} FROM {table.Written} WHERE {unlessWider}char_length(rtrim({column.Written}::text, ' ')) > {cursor.Current.Text} LIMIT 5" };
            }
        }
    }

    // The columns that were there before, and from what follows TYPE on what they become.
    private static IEnumerable<(SqlName Column, SqlClause Type)> Types(LintStatement statement)
    {
        foreach (var action in statement.Alter?.Beginning("ALTER") ?? [])
        {
            var cursor = action.Walk(1);
            cursor.Take("COLUMN");
            if (cursor.TakeName() is { } column && (cursor.Take("TYPE") || cursor.Take("SET", "DATA", "TYPE")) && !statement.Run.IsNewColumn(statement.Alter!.Table, column.Name))
            {
                yield return (column, action.From(cursor.At));
            }
        }
    }

    private static bool IsWidening(SqlClause type) => !type.HasAtTop("USING") && (type.Begins("text") || type.Begins("varchar") || type.Begins("character", "varying"));

    private static bool IsVolatile(ColumnDefinition column)
    {
        if (column.Rest.IndexOf(["DEFAULT"], atTop: true) is not (>= 0 and var at))
        {
            return false;
        }

        var tokens = column.Rest.Tokens;
        for (var i = at + 1; i + 1 < tokens.Count && !column.Rest.Walk(i).SeesOneOf(EndsDefault); i++)
        {
            var isCall = tokens[i].Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && tokens[i + 1].Is('(');
            if (isCall && !KnownStable.Contains(SqlName.Part(tokens[i])))
            {
                return true;
            }
        }

        return false;
    }
}
