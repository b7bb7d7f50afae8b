using System.Globalization;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// One migration runner a database: an exclusive lock on <c>&lt;database&gt;.deployops.lock</c>, which the system lets go when its process ends,
/// however it ends. The file stays: removing it could leave two holders of two files of one name. Who holds it stands in a second file,
/// since a held one cannot be opened to be read.
/// </summary>
internal sealed class SqliteRunnerLock : IDisposable
{
    private readonly FileStream stream;
    private readonly string holderFile;

    private SqliteRunnerLock(FileStream stream, string holderFile) => (this.stream, this.holderFile) = (stream, holderFile);

    /// <summary>The full path of a database's lock file.</summary>
    internal static string PathOf(SqliteFile file) => file.Path + ".deployops.lock";

    /// <summary>Takes the lock without waiting.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c> with the holder; <c>DatabaseUnreachable</c> where the folder cannot be written.</exception>
    internal static SqliteRunnerLock Take(SqliteFile file, TimeProvider time)
    {
        var path = PathOf(file);
        var holder = file.Path + ".deployops.holder";
        try
        {
            var held = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 });
            Tell(held, holder, time);
            return new SqliteRunnerLock(held, holder);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new DeployOpsException(
                "MigrationBusy",
                FaultKind.Busy,
                $"Another migration runs on {file.Path}{ReadHolder(holder)}.",
                "Wait for it; the lock ends with its process.")
            { Target = file.Path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.Unreachable(file, $"its lock file {path} cannot be written ({e.Message})");
        }
    }

    /// <summary>Lets it go.</summary>
    public void Dispose()
    {
        File.Delete(holderFile);
        stream.Dispose();
    }

    private static void Tell(FileStream held, string holder, TimeProvider time)
    {
        try
        {
            File.WriteAllText(holder, Holder(time));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static string ReadHolder(string holder)
    {
        try
        {
            return ": " + File.ReadAllText(holder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just begun or just ended; that it is busy is true all the same.
            return "";
        }
    }

    private static string Holder(TimeProvider time) => string.Create(
        CultureInfo.InvariantCulture, $"process {Environment.ProcessId} of {Environment.UserName} on {Environment.MachineName} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z");

    // Windows: ERROR_SHARING_VIOLATION. Unix: .NET reports EWOULDBLOCK of flock as its own error number (11 on Linux, 35 on macOS).
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35;
}
