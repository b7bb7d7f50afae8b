using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>What SQLite refused, in its own words. Each port turns it into an error of its own.</summary>
/// <param name="code">The result code, perhaps an extended one.</param>
/// <param name="words">SQLite's message.</param>
/// <param name="line">The line of the failing statement, from 1, where a script was run.</param>
internal sealed class SqliteFault(int code, string words, int? line = null) : Exception(words)
{
    /// <summary>The line of the failing statement, from 1, or null.</summary>
    public int? Line { get; } = line;

    /// <summary>Whether somebody else held the database until the time to wait for it was over.</summary>
    public bool IsBusy => IsBusyCode(code);

    /// <summary>Whether the disk is full or failed, so that nothing is said of the data.</summary>
    public bool IsDisk => (code & 0xFF) is raw.SQLITE_FULL or raw.SQLITE_IOERR;

    /// <summary>The same fault in the script's line.</summary>
    internal SqliteFault At(int number) => new(code, Message, number);

    /// <summary>Whether a result code says that somebody else holds the database.</summary>
    internal static bool IsBusyCode(int code) => (code & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;
}
