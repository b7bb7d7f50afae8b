using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Reads what a statement takes away.</summary>
internal static class LostObjects
{
    private static readonly (string[] Words, LostKind Kind)[] Kinds =
    [
        (["FOREIGN", "TABLE"], LostKind.Relation), (["TABLE"], LostKind.Relation), (["TABLES"], LostKind.Relation), (["MATERIALIZED", "VIEW"], LostKind.Relation), (["VIEW"], LostKind.Relation), (["SEQUENCE"], LostKind.Relation),
        (["INDEX", "CONCURRENTLY"], LostKind.Relation), (["INDEX"], LostKind.Relation), (["TYPE"], LostKind.Type), (["DOMAIN"], LostKind.Type), (["FUNCTION"], LostKind.Routine),
        (["PROCEDURE"], LostKind.Routine), (["ROUTINE"], LostKind.Routine), (["AGGREGATE"], LostKind.Routine), (["SCHEMA"], LostKind.Schema), (["EXTENSION"], LostKind.Extension),
    ];

    /// <summary>What it takes away, in the order in which it is written; nothing of a statement that takes nothing away.</summary>
    internal static IEnumerable<LostObject> Read(LintStatement statement)
    {
        if (statement.Alter is { } alter)
        {
            return alter.Actions.SelectMany(action => OfTable(alter, action)).ToList();
        }

        var renamed = statement.Script.Dialect == SqlDialect.MariaDb ? AlterTable.Renamed(statement.All) : [];
        return renamed.Count == 0 ? Dropped(statement) : renamed.Select(one => new LostObject(LostKind.Relation, one.Old, null, LossManner.Renamed));
    }

    /// <summary>Whether what uses it is dropped with it.</summary>
    internal static bool Cascades(LintStatement statement) => statement.All.HasAtTop("CASCADE") && (statement.Alter is not null || statement.All.Begins("DROP"));

    private static IEnumerable<LostObject> Dropped(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("DROP"))
        {
            return [];
        }

        // MariaDB's index is one of the table behind ON, and its databases are another's.
        var isOther = statement.Script.Dialect == SqlDialect.MariaDb && cursor.SeesOneOf("INDEX", "SCHEMA", "DATABASE");
        var kind = isOther ? default : Array.Find(Kinds, one => cursor.Take(one.Words));
        return kind.Words is null ? [] : kind.Kind == LostKind.Routine ? Routines(cursor, statement.All) : cursor.TakeNames().Select(name => new LostObject(kind.Kind, name, null, LossManner.Dropped)).ToList();
    }

    // Several may have one name, told apart by what they take.
    private static List<LostObject> Routines(SqlCursor cursor, SqlClause statement)
    {
        var routines = new List<LostObject>();
        do
        {
            cursor.TakeNoise();
            if (cursor.TakeName() is not { } name)
            {
                break;
            }

            var open = cursor.At;
            var hasArguments = cursor.Current.Is('(');
            if (hasArguments)
            {
                cursor.TakeBrackets();
            }

            routines.Add(new LostObject(LostKind.Routine, name, null, LossManner.Dropped)
            {
                Arguments = hasArguments ? RoutineArguments.Read(new SqlClause([.. statement.Tokens.Skip(open + 1).Take(cursor.At - open - 2)])) : null,
            });
        }
        while (cursor.Take(','));

        return routines;
    }

    private static IEnumerable<LostObject> OfTable(AlterTable alter, SqlClause action)
    {
        var table = alter.Table;
        var cursor = action.Walk(1);
        if (action.Begins("DROP"))
        {
            if (alter.DroppedColumn(action) is { } column)
            {
                yield return new LostObject(LostKind.Column, table, column.Name, LossManner.Dropped);
            }
            else if (cursor.Take("CONSTRAINT") && Behind(cursor) is { } constraint)
            {
                yield return new LostObject(LostKind.Constraint, table, constraint.Name, LossManner.Dropped);
            }
        }
        else if (action.Begins("ALTER"))
        {
            cursor.Take("COLUMN");
            if (Behind(cursor) is { } column && (cursor.Sees("TYPE") || cursor.Sees("SET", "DATA", "TYPE")))
            {
                yield return new LostObject(LostKind.Column, table, column.Name, LossManner.Altered);
            }
        }
        else if (alter.Dialect == SqlDialect.MariaDb && Renamed(table, action) is { } renamed)
        {
            yield return renamed;
        }
    }

    // What uses a table or a column keeps its old name there. Whether a MODIFY changes a type is not known here.
    private static LostObject? Renamed(SqlName table, SqlClause action) =>
        AlterTable.NewName(action) is not null ? new LostObject(LostKind.Relation, table, null, LossManner.Renamed)
        : AlterTable.RenamedColumn(action) is { } column ? new LostObject(LostKind.Column, table, column.Old.Name, LossManner.Renamed)
        : null;

    private static SqlName? Behind(SqlCursor cursor)
    {
        cursor.TakeNoise();
        return cursor.TakeName();
    }
}
