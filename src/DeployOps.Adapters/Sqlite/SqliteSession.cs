using System.Text;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// One connection that stops when its token says so. ADO.NET's commands cannot: their tokens and Cancel() do nothing in SQLite and they wait
/// for a busy database without looking up. So statements are stepped here. Closing it rolls back what was not committed.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    // About a millisecond of work between two looks at the token.
    private const int InstructionsBetweenLooks = 10_000;
    private const int NoCheckpointOnClose = 1006;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(20);

    private readonly SqliteConnection connection;
    private readonly SqliteFile file;
    private readonly TimeProvider time;
    private readonly CancellationToken token;
    private CancellationTokenRegistration interrupt;
    private bool closing;

    private SqliteSession(SqliteConnection connection, SqliteFile file, TimeProvider time, CancellationToken token) =>
        (this.connection, this.file, this.time, this.token) = (connection, file, time, token);

    /// <summary>The native handle.</summary>
    internal sqlite3 Handle => connection.Handle!;

    /// <summary>Whether a transaction is open.</summary>
    internal bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Opens the file.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>, <c>DatabaseBusy</c> or <c>DatabaseReadFailed</c>.</exception>
    internal static SqliteSession Open(SqliteFile file, SqliteAccess access, TimeProvider time, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (access != SqliteAccess.Create && !File.Exists(file.Path))
        {
            throw SqliteErrors.Missing(file, Directory.Exists(file.Path) ? "it is a folder" : Directory.Exists(Path.GetDirectoryName(file.Path)) ? "the file does not exist" : "its folder does not exist");
        }

        // What a stopped process left in a WAL stays there when a mere reader closes: reading changes no file.
        var leftovers = access == SqliteAccess.Read && File.Exists(file.Path + "-wal");
        var session = new SqliteSession(new SqliteConnection(file.ConnectionString(access)), file, time, token);
        try
        {
            session.connection.Open();
            session.Prepare(access, leftovers);
            return session;
        }
        catch (SqliteException e)
        {
            session.Dispose();
            throw SqliteErrors.Unreachable(file, e.Message);
        }
        catch (SqliteFault fault)
        {
            session.Dispose();
            throw SqliteErrors.Of(file, fault);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements of this program, ignoring rows.</summary>
    /// <exception cref="SqliteFault">SQLite refused.</exception>
    internal void Execute(string sql, params object[] values) => Query(sql, _ => { }, values);

    /// <summary>Runs one statement and shows each row.</summary>
    /// <exception cref="SqliteFault">SQLite refused.</exception>
    internal void Query(string sql, Action<sqlite3_stmt> row, params object[] values)
    {
        using var statement = Compile(Utf8(sql), out _) ?? throw new SqliteFault(raw.SQLITE_MISUSE, "no statement");
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i] is long number ? raw.sqlite3_bind_int64(statement, i + 1, number) : raw.sqlite3_bind_text(statement, i + 1, (string)values[i]));
        }

        Run(statement, row);
    }

    /// <summary>Compiles the first statement of a text; null where there is none. The tail is what follows it.</summary>
    /// <exception cref="SqliteFault">SQLite refused.</exception>
    internal sqlite3_stmt? Compile(ReadOnlySpan<byte> sql, out ReadOnlySpan<byte> tail)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            token.ThrowIfCancellationRequested();
            var code = raw.sqlite3_prepare_v2(Handle, sql, out var statement, out tail);
            if (code == raw.SQLITE_OK)
            {
                return statement.IsInvalid ? null : statement;
            }

            if (!MayRetry(code, started))
            {
                Check(code);
            }
        }
    }

    /// <summary>Steps a statement to its end and shows each row.</summary>
    /// <exception cref="SqliteFault">SQLite refused.</exception>
    internal void Run(sqlite3_stmt statement, Action<sqlite3_stmt> row)
    {
        var started = time.GetTimestamp();
        var any = false;
        while (true)
        {
            token.ThrowIfCancellationRequested();
            var code = raw.sqlite3_step(statement);
            if (code == raw.SQLITE_DONE)
            {
                return;
            }

            if (code == raw.SQLITE_ROW)
            {
                any = true;
                row(statement);
            }
            else if (!any && MayRetry(code, started))
            {
                _ = raw.sqlite3_reset(statement);
            }
            else
            {
                Check(code);
            }
        }
    }

    /// <summary>
    /// Runs a script within the transaction that is open, a statement at a time as it is read: no more of it is in memory. What SQLite itself finds to be more than one statement is run as
    /// such.
    /// </summary>
    /// <param name="statements">Its statements, in order.</param>
    /// <param name="did">Is told of each statement that was run.</param>
    /// <exception cref="SqliteFault">SQLite refused a statement, or one ended the transaction; with its line.</exception>
    internal void ExecuteScript(IEnumerable<SqlStatement> statements, Action<StatementTrace> did)
    {
        var number = 0;
        foreach (var statement in statements)
        {
            number++;
            try
            {
                var (started, before) = (time.GetTimestamp(), raw.sqlite3_total_changes(Handle));
                RunAll(Utf8(statement.Text));
                did(new StatementTrace
                {
                    Number = number,
                    Line = statement.Line,
                    Text = StatementTrace.Head(statement),
                    Duration = time.GetElapsedTime(started),
                    Rows = raw.sqlite3_total_changes(Handle) - before,
                });
            }
            catch (SqliteFault fault)
            {
                throw fault.At(statement.Line);
            }
        }
    }

    /// <summary>Commits. From here on nothing interrupts, so that what is reported is what happened.</summary>
    /// <exception cref="SqliteFault">Nothing is committed.</exception>
    internal void Commit()
    {
        token.ThrowIfCancellationRequested();
        closing = true;
        interrupt.Dispose();
        Execute("COMMIT");
    }

    /// <summary>Waits a moment for whoever holds the database; false when the time to wait is over.</summary>
    internal bool MayRetry(int code, long started)
    {
        if (!SqliteFault.IsBusyCode(code) || time.GetElapsedTime(started) >= file.BusyTimeout)
        {
            return false;
        }

        _ = token.WaitHandle.WaitOne(BusyPause);
        return true;
    }

    /// <summary>Turns a result code into a fault, or into a cancellation where that was the reason.</summary>
    internal void Check(int code)
    {
        if (code == raw.SQLITE_OK)
        {
            return;
        }

        if ((code & 0xFF) == raw.SQLITE_INTERRUPT)
        {
            token.ThrowIfCancellationRequested();
        }

        throw new SqliteFault(code, raw.sqlite3_errmsg(Handle).utf8_to_string());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        closing = true;
        interrupt.Dispose();
        connection.Dispose();
    }

    /// <summary>A text as SQLite reads it.</summary>
    internal static byte[] Utf8(string sql) => Encoding.UTF8.GetBytes(sql + '\0');

    private void Prepare(SqliteAccess access, bool leftovers)
    {
        // Two ways to stop: the look between instructions cannot be missed, the interrupt also reaches what counts no instructions.
        raw.sqlite3_progress_handler(Handle, InstructionsBetweenLooks, _ => token.IsCancellationRequested && !closing ? 1 : 0, null);
        interrupt = token.Register(() => raw.sqlite3_interrupt(Handle));
        if (leftovers)
        {
            Check(raw.sqlite3_db_config(Handle, NoCheckpointOnClose, 1, out _));
        }

        if (access is SqliteAccess.Read or SqliteAccess.ReadFrozen)
        {
            Execute("PRAGMA query_only = ON");
        }
        else
        {
            // A commit is on the disk when it returns, in WAL mode too; and foreign keys can only be switched outside of a transaction.
            Execute("PRAGMA synchronous = FULL");
            Execute("PRAGMA foreign_keys = OFF");
        }
    }

    private void RefuseEndedTransaction()
    {
        if (!InTransaction)
        {
            throw new SqliteFault(raw.SQLITE_MISUSE, "the statement ended the transaction that the script runs in");
        }
    }

    private void RunAll(ReadOnlySpan<byte> sql)
    {
        while (sql.Length > 1)
        {
            using var statement = Compile(sql, out var tail);
            if (statement is not null)
            {
                Run(statement, _ => { });
                RefuseEndedTransaction();
            }

            sql = tail;
        }
    }
}
