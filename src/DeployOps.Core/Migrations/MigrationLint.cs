using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations;

/// <summary>
/// Refuses what would break the promise that a script is applied whole or not at all. SQLite: statements that end or leave the one transaction
/// or that run outside of it. PostgreSQL: those among others that could be undone. Any dialect: what cannot be cut into statements.
/// </summary>
public static class MigrationLint
{
    private static readonly string[][] Refused =
    [
        ["BEGIN"], ["COMMIT"], ["END"], ["VACUUM"], ["ATTACH"], ["DETACH"], ["PRAGMA", "journal_mode"],
    ];

    /// <summary>Checks one script. The body of a trigger is part of its statement and allowed.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationScriptUnsupported</c> for SQLite, else those of <see cref="MigrationTransactions.Find"/>; with file and line.
    /// </exception>
    public static void Check(MigrationScript script, SqlDialect dialect = SqlDialect.Sqlite)
    {
        ArgumentNullException.ThrowIfNull(script);
        if (dialect == SqlDialect.Sqlite)
        {
            CheckSqlite(script);
        }
        else
        {
            script.Class(dialect);
        }
    }

    private static void CheckSqlite(MigrationScript script)
    {
        foreach (var statement in script.Statements(SqlDialect.Sqlite))
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

        if (statement.Directives.Any(directive => directive.Name == SqlRepetition.Name))
        {
            return $"-- deployops: {SqlRepetition.Name}";
        }

        // PRAGMA main.journal_mode
        if (statement.Begins("PRAGMA") && statement.Tokens.Count > 3 && statement.Tokens[2].Is('.') && statement.Tokens[3].Is("journal_mode"))
        {
            return "PRAGMA journal_mode";
        }

        // ROLLBACK TO a savepoint stays within the transaction.
        return statement.Begins("ROLLBACK") && !statement.Tokens.Any(token => token.Is("TO")) ? "ROLLBACK" : null;
    }
}
