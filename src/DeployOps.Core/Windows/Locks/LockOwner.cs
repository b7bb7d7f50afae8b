using System.Diagnostics;
using System.Globalization;

namespace DeployOps.Windows.Locks;

/// <summary>Who holds an environment. Process id, start time and boot id together name one process for ever.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Host">The machine.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessStart">When it started, UTC.</param>
/// <param name="BootId">Which boot of the machine; empty where the system has none.</param>
/// <param name="Since">When the lock was taken, UTC.</param>
public sealed record LockOwner(string Name, string Host, int ProcessId, DateTimeOffset ProcessStart, string BootId, DateTimeOffset Since)
{
    private const string LinuxBootId = "/proc/sys/kernel/random/boot_id";

    /// <summary>This process.</summary>
    internal static LockOwner Current(string name, DateTimeOffset now)
    {
        using var process = Process.GetCurrentProcess();
        var boot = File.Exists(LinuxBootId) ? File.ReadAllText(LinuxBootId).Trim() : "";

        return new LockOwner(name, System.Environment.MachineName, process.Id, new DateTimeOffset(process.StartTime).ToUniversalTime(), boot, now);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name} (process {ProcessId} on {Host}, since {Since:yyyy-MM-dd HH:mm:ss} UTC)");
}
