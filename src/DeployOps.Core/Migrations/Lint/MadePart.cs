using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Something that a run is known to have made of a table.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name; empty for the table itself.</param>
/// <param name="Text">How it is defined; empty where that does not matter.</param>
internal sealed record MadePart(MadeKind Kind, string Name, SqlClause Text)
{
    /// <summary>Whether a CHECK has been proven of every row. Default false.</summary>
    internal bool IsValid { get; init; }

    /// <summary>When it was made, counted through the run.</summary>
    internal int Turn { get; init; }

    /// <summary>Whether it goes when this column does.</summary>
    internal bool IsOf(string column) => Kind switch
    {
        MadeKind.Column or MadeKind.NotNull => Name == column,
        MadeKind.Check or MadeKind.Index => Text.Tokens.Any(token => SqlName.Part(token) == column),
        _ => false,
    };

    /// <summary>Whether it says that no row holds NULL in this column.</summary>
    internal bool Proves(string column)
    {
        if (Kind != MadeKind.Check)
        {
            return Name == column && (Kind == MadeKind.NotNull || (Kind == MadeKind.Column && (Text.HasAtTop("NOT", "NULL") || Text.HasAtTop("PRIMARY", "KEY"))));
        }

        var cursor = Text.Walk(1);
        return IsValid && cursor.Take('(') && cursor.TakeName()?.Name == column && cursor.Take("IS", "NOT", "NULL") && cursor.Take(')');
    }
}
