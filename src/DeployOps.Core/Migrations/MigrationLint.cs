using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations;

/// <summary>
/// Refuses what would break the promise of one transaction a script: statements that end or leave the transaction,
/// or that the server runs outside of it.
/// </summary>
public static class MigrationLint
{
    private static readonly string[][] Refused =
    [
        ["BEGIN"], ["COMMIT"], ["END"], ["VACUUM"], ["ATTACH"], ["DETACH"], ["PRAGMA", "journal_mode"],
    ];

    /// <summary>Checks one script. The body of a trigger is part of its statement and allowed.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationScriptUnsupported</c> with file and line.</exception>
    public static void Check(MigrationScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        foreach (var statement in SqlStatements.Read(script.Sql))
        {
            if (RefusedForm(statement) is { } form)
            {
                throw new DeployOpsException(
                    "MigrationScriptUnsupported",
                    FaultKind.InvalidData,
                    $"{script.FileName}:{statement.Line}: {form} cannot stand in a migration, since each script is one transaction, applied whole or not at all.",
                    "Remove it, or do it outside of the migration.")
                { Target = script.FileName };
            }
        }
    }

    private static string? RefusedForm(SqlStatement statement)
    {
        var form = Refused.FirstOrDefault(form => statement.Begins(form));
        if (form is not null)
        {
            return string.Join(' ', form);
        }

        // PRAGMA main.journal_mode
        if (statement.Begins("PRAGMA") && statement.Tokens.Count > 3 && statement.Tokens[2].Text == "." && statement.Tokens[3].Is("journal_mode"))
        {
            return "PRAGMA journal_mode";
        }

        // ROLLBACK TO a savepoint stays within the transaction.
        return statement.Begins("ROLLBACK") && !statement.Tokens.Any(token => token.Is("TO")) ? "ROLLBACK" : null;
    }
}
