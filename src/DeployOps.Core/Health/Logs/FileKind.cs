using System.Runtime.InteropServices;

namespace DeployOps.Health.Logs;

/// <summary>
/// Tells files from pipes and devices, at which whoever opens them waits, or keeps another from waiting: managed code opens them first. Known on Linux; elsewhere all are taken for files.
/// </summary>
internal static partial class FileKind
{
    // statx(2): its layout is the same on every processor.
    private const int CurrentFolder = -100;
    private const uint KindAlone = 1;
    private const int SizeOfAnswer = 256;
    private const int PlaceOfMode = 28;
    private const int KindOfMode = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>Whether a path, links followed, is anything but a file with a place to read from; false where it is not there.</summary>
    internal static bool IsNoFile(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var answer = new byte[SizeOfAnswer];
        return StatX(CurrentFolder, path, 0, KindAlone, answer) == 0 && (BitConverter.ToUInt16(answer, PlaceOfMode) & KindOfMode) != RegularFile;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, [Out] byte[] answer);
}
