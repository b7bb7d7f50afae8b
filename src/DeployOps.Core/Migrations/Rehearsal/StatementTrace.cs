using System.Text;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>What one statement of a script did to the restored backup, or in production.</summary>
public sealed record StatementTrace
{
    private const int LongestHead = 80;

    // A length, a precision: what is longer may be a value of a row.
    private const int LongestNumber = 6;

    /// <summary>Its number in the script, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The line of the script on which it begins, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Its first words, without values.</summary>
    public required string Text { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How many rounds it took where it is repeated, the last of them without a row; 0 for every other statement. Time, rows and log are then those of all rounds, locks those of the first.</summary>
    public int Rounds { get; init; }

    /// <summary>How many rows it touched; null where the server does not say.</summary>
    public long? Rows { get; init; }

    /// <summary>The locks that it took first, as <c>table Mode</c>, the strongest of each table; empty where the server does not tell or it took none that its script had not. Of a definition of MariaDB, which holds none once it has ended, those that were seen while it ran.</summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    /// <summary>Whether it ran in no transaction, so that of its locks only those were seen that a look happened on. Default false.</summary>
    public bool IsOutside { get; init; }

    /// <summary>The tables and indexes it wrote anew as a whole; in production told of the script.</summary>
    public IReadOnlyList<string> Rewritten { get; init; } = [];

    /// <summary>How much the server logged ahead meanwhile, in bytes, by whomever: at least what replicas have to follow; null where it does not say.</summary>
    public long? WalBytes { get; init; }

    /// <summary>What of it could not be seen, and what to do about that; empty where all was.</summary>
    public string Unknown { get; init; } = "";

    /// <summary>
    /// The first words of a statement, on one line: 80 characters at most, without comments. Values, which may be those of rows, or a password, are left out: texts always, numbers but for
    /// short ones of a definition, such as a length.
    /// </summary>
    public static string Head(SqlStatement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var isDefinition = statement.Begins("CREATE") || statement.Begins("ALTER") || statement.Begins("DROP");
        var text = new StringBuilder();
        var end = 0;
        foreach (var token in statement.Read())
        {
            text.Append(token.Offset > end ? " " : "");
            _ = token.Kind switch
            {
                SqlTokenKind.Text => text.Append("'…'"),
                SqlTokenKind.Number when !isDefinition || token.Span.Length > LongestNumber => text.Append('…'),
                _ => text.Append(token.Span),
            };
            end = token.End;
            if (text.Length > LongestHead)
            {
                return text.ToString(0, LongestHead) + "…";
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => RehearsalText.Statement(this);
}
