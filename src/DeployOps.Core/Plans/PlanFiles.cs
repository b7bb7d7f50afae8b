using System.Security.Cryptography;
using DeployOps.Plans.Approvals;

namespace DeployOps.Plans;

/// <summary>
/// Finds and reads every file that an approval covers: the plan, the runbook, the deploy script, every <c>.sql</c> of the
/// migrations and validations, every <c>.csv</c> of the validations, the smoke files, and <c>Files</c>. Not the router's configuration, which the release itself changes;
/// not the database; not what a reference yields.
/// </summary>
public static class PlanFiles
{
    /// <summary>The most bytes all files may have together: 512 MiB, since they are kept in memory. Long scripts are not, and do not count.</summary>
    public const long MaximumTotalSize = 512L * 1024 * 1024;

    /// <summary>From what length on a file of SQL is read from the disk whenever it is needed: 4 MiB.</summary>
    internal const long LongScript = 4L * 1024 * 1024;

    // Editors' backup files begin with a dot and still count: what a migration folder holds is either approved or a change.
    private static readonly EnumerationOptions EveryFile = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>Reads the files of a plan as they are now; the plan itself as it was read.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>PlanInvalid</c> where the reading has mistakes, <c>PlanFileUnreadable</c> where a file cannot be read,
    /// <c>PlanFilesTooLarge</c> where they have more than <see cref="MaximumTotalSize"/>.
    /// </exception>
    public static ApprovedFiles Capture(PlanReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var plan = reading.Require();
        var folder = Path.GetDirectoryName(plan.Path)!;
        var files = new List<ApprovedFile> { Describe(folder, plan.Path, reading.Content) };
        var left = MaximumTotalSize - reading.Content.Length;
        foreach (var path in Paths(plan).Distinct(StringComparer.Ordinal).Where(path => path != plan.Path))
        {
            files.Add(IsLongScript(path) ? DescribeLong(folder, path) : Describe(folder, path, Load(path, ref left)));
        }

        return new ApprovedFiles(folder, files);
    }

    /// <summary>The full paths of the files an approval covers, besides the plan itself; some may be named twice.</summary>
    /// <exception cref="DeployOpsException"><c>PlanFileUnreadable</c> where a folder cannot be listed.</exception>
    internal static IEnumerable<string> Paths(DeploymentPlan plan)
    {
        IEnumerable<string?> single = [plan.Runbook, plan.Rollout?.Deploy];
        var folders = plan.Databases.SelectMany(database => new[] { database.Migrations, database.Validations });
        var tables = plan.Databases.Select(database => database.Validations).OfType<string>();
        return single.OfType<string>()
            .Concat(folders.OfType<string>().SelectMany(folder => Within(folder, ".sql")))
            .Concat(tables.SelectMany(folder => Within(folder, ".csv")))
            .Concat(plan.Smoke)
            .Concat(plan.Files);
    }

    private static IReadOnlyList<string> Within(string folder, string extension)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*", EveryFile).Where(path => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(folder, error);
        }
    }

    private static byte[] Load(string path, ref long left)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            left -= stream.Length;
            if (left < 0)
            {
                throw new DeployOpsException(
                    "PlanFilesTooLarge",
                    FaultKind.InvalidData,
                    $"The files of the plan have more than {MaximumTotalSize / (1024 * 1024)} MiB together; '{path}' is one too many.",
                    "Let Files name a list of checksums instead of large artefacts, and have the deploy script verify them.")
                {
                    Target = path,
                };
            }

            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>SHA-256 of a file, read in blocks.</summary>
    internal static string Hash(string path)
    {
        using var stream = OpenLong(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Opens a file to read it from its first byte to its last.</summary>
    internal static FileStream OpenLong(string path) => new(path, new FileStreamOptions { Share = FileShare.Read, Options = FileOptions.SequentialScan });

    private static bool IsLongScript(string path)
    {
        var file = new FileInfo(path);
        return path.EndsWith(".sql", StringComparison.OrdinalIgnoreCase) && file.Exists && file.Length >= LongScript;
    }

    private static ApprovedFile DescribeLong(string folder, string path)
    {
        try
        {
            return new ApprovedFile(Relative(folder, path), path, Hash(path), default) { Source = () => OpenLong(path) };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    private static ApprovedFile Describe(string folder, string path, ReadOnlyMemory<byte> content) => new(Relative(folder, path), path, PlanDigest.Of(content.Span), content);

    /// <summary>A file's path as the approval and the log name it: relative to the plan's folder, with <c>/</c>.</summary>
    internal static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');

    private static DeployOpsException Unreadable(string path, Exception error)
        => new("PlanFileUnreadable", FaultKind.Failed, $"The plan names '{path}', which cannot be read: {error.Message}", "Check that it exists and that this account may read it.", error)
        {
            Target = path,
        };
}
