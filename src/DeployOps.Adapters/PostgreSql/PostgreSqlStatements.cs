using System.Text;
using DeployOps.Migrations.Sql;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Sends statements of a script, as they stand in it, and says which one the server refused.</summary>
internal static class PostgreSqlStatements
{
    private const int CopyBlock = 32 * 1024;

    /// <summary>Runs statements in one round trip; outside of a transaction it must be a single one.</summary>
    /// <returns>How many rows they changed, or -1 where they are of another kind.</returns>
    /// <exception cref="PostgreSqlScriptFault">The server refused one of them.</exception>
    internal static Task<long> RunAsync(this PostgreSqlSession session, params IReadOnlyList<SqlStatement> statements) => session.RunAsync(async () =>
    {
        await using var batch = session.Runner.CreateBatch();
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement.Text));
        }

        try
        {
            return (long)await batch.ExecuteNonQueryAsync(session.Abort);
        }
        catch (NpgsqlException e) when (!session.Token.IsCancellationRequested || !PostgreSqlErrors.IsLost(e) && e.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            var failed = e.BatchCommand is null ? -1 : batch.BatchCommands.IndexOf(e.BatchCommand);
            throw PostgreSqlScriptFault.Of(statements[Math.Max(failed, 0)], e);
        }
    });

    /// <summary>Runs <c>COPY … FROM STDIN</c> with the rows that follow it in the script.</summary>
    /// <exception cref="PostgreSqlScriptFault">The server refused it or a row.</exception>
    internal static Task<long> CopyAsync(this PostgreSqlSession session, SqlStatement statement, IEnumerable<string> lines) => session.RunAsync(async () =>
    {
        try
        {
            return await ImportAsync(session, statement, lines);
        }
        catch (NpgsqlException e) when (!session.Token.IsCancellationRequested || !PostgreSqlErrors.IsLost(e) && e.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            throw PostgreSqlScriptFault.Of(statement, e);
        }
    });

    /// <summary>Commits what a statement did; what is checked only then is its fault.</summary>
    /// <exception cref="PostgreSqlScriptFault">The server refused to.</exception>
    internal static async Task CommitAsync(this PostgreSqlSession session, SqlStatement statement)
    {
        try
        {
            await session.CommitAsync();
        }
        catch (PostgresException e)
        {
            throw PostgreSqlScriptFault.Of(statement, e);
        }
    }

    private static async Task<long> ImportAsync(PostgreSqlSession session, SqlStatement statement, IEnumerable<string> lines)
    {
        await using var writer = await session.Runner.BeginTextImportAsync(statement.Text, session.Abort);
        var rows = 0L;
        try
        {
            var block = new StringBuilder(CopyBlock);
            foreach (var line in lines)
            {
                block.Append(line).Append('\n');
                rows++;
                if (block.Length >= CopyBlock)
                {
                    session.Token.ThrowIfCancellationRequested();
                    await writer.WriteAsync(block, session.Abort);
                    block.Clear();
                }
            }

            await writer.WriteAsync(block, session.Abort);
            return rows;
        }
        catch (Exception e) when (e is not NpgsqlException)
        {
            await writer.CancelAsync();
            throw;
        }
    }
}
