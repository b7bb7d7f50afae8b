using System.IO.Enumeration;
using DeployOps.Plans.Approvals;

namespace DeployOps.Plans.Binding;

/// <summary>Which of the files that a plan names exist: on the disk now, or among the bytes a window keeps.</summary>
internal abstract class PlanDisk
{
    /// <summary>The disk as it is now.</summary>
    internal static PlanDisk Real { get; } = new RealDisk();

    /// <summary>Whether a file that the approval covers exists.</summary>
    internal abstract bool HasFile(string path);

    /// <summary>Whether a folder whose files the approval covers exists.</summary>
    internal abstract bool HasFolder(string path);

    /// <summary>Whether a file exists that no approval covers, since the release itself changes it.</summary>
    internal abstract bool HasLiveFile(string path);

    /// <summary>Whether a folder exists that no approval covers, since the release itself may change it.</summary>
    internal abstract bool HasLiveFolder(string path);

    /// <summary>The files that a pattern means.</summary>
    internal abstract IReadOnlyList<string> Matches(string start, string pattern);

    /// <summary>The full paths of the files that the approval of a plan covers.</summary>
    /// <exception cref="DeployOpsException"><c>PlanFileUnreadable</c> where a folder cannot be listed.</exception>
    internal abstract IEnumerable<string> Files(DeploymentPlan plan);

    /// <summary>What was approved, as a window keeps it: going back needs nothing else.</summary>
    internal static PlanDisk Kept(ApprovedFiles files) => new KeptDisk(files);

    private sealed class RealDisk : PlanDisk
    {
        internal override bool HasFile(string path) => File.Exists(path);

        internal override bool HasFolder(string path) => Directory.Exists(path);

        internal override bool HasLiveFile(string path) => File.Exists(path);

        internal override bool HasLiveFolder(string path) => Directory.Exists(path);

        internal override IReadOnlyList<string> Matches(string start, string pattern) => PlanPattern.Expand(start, pattern);

        internal override IEnumerable<string> Files(DeploymentPlan plan) => PlanFiles.Paths(plan);
    }

    private sealed class KeptDisk(ApprovedFiles files) : PlanDisk
    {
        internal override bool HasFile(string path) => files.Contains(path);

        // A folder without a file leaves no trace among the bytes, and nothing depends on it either.
        internal override bool HasFolder(string path) => true;

        // Whether it is there now decides the router, when it is asked.
        internal override bool HasLiveFile(string path) => true;

        // Where it is gone, going back makes it again from its backup.
        internal override bool HasLiveFolder(string path) => true;

        internal override IReadOnlyList<string> Matches(string start, string pattern) =>
            [.. files.Files.Select(file => file.FullPath).Where(path => Fits(path.Split(Path.DirectorySeparatorChar), pattern.Split(Path.DirectorySeparatorChar)))];

        internal override IEnumerable<string> Files(DeploymentPlan plan) => files.Files.Select(file => file.FullPath);

        private static bool Fits(string[] path, string[] pattern) =>
            path.Length == pattern.Length && path.Zip(pattern).All(pair => pair.First == pair.Second || FileSystemName.MatchesSimpleExpression(pair.Second, pair.First, ignoreCase: false));
    }
}
