using System.Text;
using DeployOps.Journal;

namespace DeployOps.Adapters.Yarp;

/// <summary>Replaces a configuration file so that a reader sees the old or the new one whole, and so that the new one outlives a power cut.</summary>
internal static class EdgeFile
{
    /// <summary>Replaces the file's text; its owner and its mode stay, and a symbolic link goes on pointing to it.</summary>
    /// <exception cref="DeployOpsException"><c>RouterConfigurationNotWritten</c>: the file is as it was. <c>DiskSyncFailed</c>.</exception>
    public static void Replace(string path, string text)
    {
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            DurableFile.ReplaceForItsReaders(target, Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException(
                "RouterConfigurationNotWritten",
                FaultKind.Failed,
                $"The router's configuration {path} could not be replaced: {e.Message}",
                "Check the permissions and the free space of its folder, and whose the file is.",
                e);
        }
    }
}
