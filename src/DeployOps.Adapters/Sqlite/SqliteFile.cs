using DeployOps.Migrations;
using Microsoft.Data.Sqlite;

namespace DeployOps.Adapters.Sqlite;

/// <summary>The file a connection string names, and how to connect to it.</summary>
/// <param name="Path">Its full path; a link is followed, so that two names for one database share one lock.</param>
/// <param name="BusyTimeout">How long to wait for whoever holds the database.</param>
/// <param name="Password">The key of an encrypted database, or empty.</param>
internal sealed record SqliteFile(string Path, TimeSpan BusyTimeout, string Password = "")
{
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c> or <c>DatabaseNotAFile</c>; neither repeats the text, which may hold a secret.</exception>
    internal static SqliteFile Of(DatabaseSpec database)
    {
        var builder = Read(database);
        var source = builder.DataSource;
        if (source.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid(database);
        }

        if (source.Length == 0 || builder.Mode == SqliteOpenMode.Memory || source.Contains(":memory:", StringComparison.OrdinalIgnoreCase)
            || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            throw new DeployOpsException(
                "DatabaseNotAFile",
                FaultKind.InvalidData,
                $"Database '{database.Name}' is not a file: one in memory, or without a name, ends with the connection that made it.",
                "Write 'Data Source=' with a path.")
            { Target = database.Name };
        }

        var path = System.IO.Path.GetFullPath(source, database.BaseFolder);
        var timeout = builder.ShouldSerialize("Default Timeout") ? TimeSpan.FromSeconds(builder.DefaultTimeout) : DefaultBusyTimeout;

        return Follow(new SqliteFile(path, timeout, builder.Password));
    }

    /// <summary>Another file of the same kind, such as a backup of this one.</summary>
    internal SqliteFile At(string path) => this with { Path = path };

    /// <summary>Removes the file and what SQLite keeps beside it.</summary>
    internal void Delete()
    {
        foreach (var suffix in (string[])["", "-journal", "-wal", "-shm"])
        {
            File.Delete(Path + suffix);
        }
    }

    /// <summary>Makes an empty file that only its owner may read, since what comes into it is production data.</summary>
    internal void CreatePrivate()
    {
        Delete();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(Path, options).Dispose();
    }

    /// <summary>The connection string for one session. No pool: a closed session lets the file go.</summary>
    internal string ConnectionString(SqliteAccess access) => new SqliteConnectionStringBuilder
    {
        DataSource = access == SqliteAccess.ReadFrozen ? new Uri(Path).AbsoluteUri + "?immutable=1" : Path,
        Mode = access switch
        {
            SqliteAccess.ReadFrozen => SqliteOpenMode.ReadOnly,
            SqliteAccess.Create => SqliteOpenMode.ReadWriteCreate,
            // A reader of a database in WAL mode that may not write would leave its -wal and -shm behind; query_only keeps it from changing anything.
            _ => SqliteOpenMode.ReadWrite,
        },
        Cache = SqliteCacheMode.Private,
        Pooling = false,
        Password = Password,
    }.ConnectionString;

    private static SqliteFile Follow(SqliteFile file)
    {
        try
        {
            return File.Exists(file.Path) && File.ResolveLinkTarget(file.Path, returnFinalTarget: true) is { } target ? file.At(target.FullName) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.Unreachable(file, "its link leads to itself or to what cannot be read");
        }
    }

    private static SqliteConnectionStringBuilder Read(DatabaseSpec database)
    {
        try
        {
            return new SqliteConnectionStringBuilder(database.ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw Invalid(database);
        }
    }

    // Neither the text nor what the parser says of it is shown: both may hold a secret.
    private static DeployOpsException Invalid(DatabaseSpec database) => new(
        "DatabaseConnectionStringInvalid",
        FaultKind.InvalidData,
        $"The connection string of database '{database.Name}' cannot be read.",
        "Write it as 'Data Source=path'; other keywords are those of Microsoft.Data.Sqlite.")
    { Target = database.Name };
}
