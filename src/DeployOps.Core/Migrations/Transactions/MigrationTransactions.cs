using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Transactions;

/// <summary>
/// Finds what a script is to its database by one pass over its statements. A header <c>-- deployops: transaction=none</c> or
/// <c>transaction=script</c> before the first statement decides by itself.
/// </summary>
public static class MigrationTransactions
{
    /// <summary>The class of a script whose statements these are; they are enumerated once.</summary>
    /// <param name="file">The script's file name, for errors.</param>
    /// <param name="statements">The statements, from <see cref="SqlStatements"/>.</param>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationTransactionMixed</c> where PostgreSQL would leave a script half applied, <c>MigrationHeaderInvalid</c>, <c>MigrationScriptUnsupported</c>, and those of the statements' reading.
    /// </exception>
    public static MigrationTransaction Find(string file, IEnumerable<SqlStatement> statements)
    {
        ArgumentNullException.ThrowIfNull(statements);
        var finder = new TransactionFinder(file);
        try
        {
            foreach (var statement in statements)
            {
                finder.See(statement);
            }
        }
        catch (SqlScriptException e)
        {
            throw e.In(file);
        }

        return finder.Decide();
    }
}
