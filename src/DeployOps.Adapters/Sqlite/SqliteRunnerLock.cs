using System.Globalization;
using System.Text;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// One migration runner a database: an exclusive lock on <c>&lt;database&gt;.deployops.lock</c>, which the system lets go when its process ends,
/// however it ends. The file stays: removing it could leave two holders of two files of one name.
/// </summary>
internal sealed class SqliteRunnerLock : IDisposable
{
    private const int HolderLength = 200;
    private readonly FileStream stream;

    private SqliteRunnerLock(FileStream stream) => this.stream = stream;

    /// <summary>Takes the lock without waiting.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c> with the holder; <c>DatabaseUnreachable</c> where the folder cannot be written.</exception>
    internal static SqliteRunnerLock Take(SqliteFile file, TimeProvider time)
    {
        var path = file.Path + ".deployops.lock";
        try
        {
            var held = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 });
            held.SetLength(0);
            held.Write(Encoding.UTF8.GetBytes(Holder(time)));
            return new SqliteRunnerLock(held);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new DeployOpsException(
                "MigrationBusy",
                FaultKind.Busy,
                $"Another migration runs on {file.Path}{ReadHolder(path)}.",
                "Wait for it; the lock ends with its process.") { Target = file.Path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.Unreachable(file, $"its lock file {path} cannot be written ({e.Message})");
        }
    }

    /// <summary>Lets it go.</summary>
    public void Dispose() => stream.Dispose();

    private static string Holder(TimeProvider time) => string.Create(
        CultureInfo.InvariantCulture, $"process {Environment.ProcessId} of {Environment.UserName} on {Environment.MachineName} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z");

    private static string ReadHolder(string path)
    {
        try
        {
            // Sharing everything takes no lock on Unix, so this cannot disturb the holder.
            using var shared = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            var buffer = new byte[HolderLength];
            var count = shared.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return count == 0 ? "" : ": " + Encoding.UTF8.GetString(buffer, 0, count);
        }
        catch (IOException)
        {
            // Windows lets nobody read a file that is held; the error is told without the holder then.
            return "";
        }
    }

    // Windows: ERROR_SHARING_VIOLATION. Unix: .NET reports EWOULDBLOCK of flock as its own error number (11 on Linux, 35 on macOS).
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35;
}
