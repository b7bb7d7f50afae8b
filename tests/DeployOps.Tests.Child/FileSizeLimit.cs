using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DeployOps.Tests.Child;

/// <summary>
/// The largest size this process may give a file (RLIMIT_FSIZE of setrlimit(2)): a write across it is cut short, the next one fails.
/// The process has to ignore SIGXFSZ, which its parent sees to.
/// </summary>
internal static partial class FileSizeLimit
{
    private const int FileSize = 1;

    internal static void Set(long bytes) => Apply((ulong)bytes);

    internal static void Lift() => Apply(ulong.MaxValue);

    private static void Apply(ulong bytes)
    {
        var limit = new Limit { Soft = bytes, Hard = ulong.MaxValue };
        if (SetLimit(FileSize, in limit) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
