using System.Collections.Concurrent;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Transactions;

/// <summary>The classes of one script, each found once: its bytes do not change, or its next reading fails.</summary>
internal sealed class ScriptClasses
{
    private readonly ConcurrentDictionary<SqlDialect, ScriptClass> known = new();

    internal ScriptClass Of(MigrationScript script, SqlDialect dialect) => known.GetOrAdd(dialect, static (one, from) => Find(from, one), script);

    private static ScriptClass Find(MigrationScript script, SqlDialect dialect)
    {
        var count = 0;
        var transaction = MigrationTransactions.Find(script.FileName, script.Statements(dialect).Select(statement =>
        {
            count++;
            return statement;
        }));
        return new ScriptClass(transaction, count);
    }
}
