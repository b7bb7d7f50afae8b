using System.Collections.Concurrent;
using System.Text;

namespace DeployOps.Plans.Approvals;

/// <summary>
/// The files of a release as they were at one moment: what is approved, and what is run, whatever happens on disk meanwhile.
/// </summary>
public sealed class ApprovedFiles
{
    private static readonly StringComparer PathComparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private readonly Dictionary<string, ApprovedFile> byFullPath;
    private readonly ConcurrentDictionary<(Type Kind, string Key), object> derived = new();

    internal ApprovedFiles(string folder, IReadOnlyList<ApprovedFile> files)
    {
        Folder = folder;
        Files = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        Digest = PlanDigest.Of(Files.Select(file => (file.Path, file.Sha256)));
        byFullPath = Files.ToDictionary(file => file.FullPath, PathComparer);
    }

    /// <summary>The plan's folder, where relative paths start.</summary>
    public string Folder { get; }

    /// <summary>The files, sorted by their relative paths.</summary>
    public IReadOnlyList<ApprovedFile> Files { get; }

    /// <summary>The digest over all of them, 64 hexadecimal digits in lower case.</summary>
    public string Digest { get; }

    /// <summary>The files directly within a folder whose names end so, sorted by name: what a folder held when it was approved.</summary>
    /// <param name="folder">The folder, full or relative to the plan.</param>
    /// <param name="extension">The ending with its dot, compared in any case; empty for all.</param>
    public IReadOnlyList<ApprovedFile> In(string folder, string extension = "")
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder, Folder));
        return [.. Files.Where(file => PathComparer.Equals(Path.GetDirectoryName(file.FullPath), full) && file.FullPath.EndsWith(extension, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>Whether the approval covers a file.</summary>
    /// <param name="path">The file, full or relative to the plan.</param>
    public bool Contains(string path) => byFullPath.ContainsKey(Path.GetFullPath(path, Folder));

    /// <summary>The text of a file as it was approved, without a byte order mark; UTF-8 where it has none.</summary>
    /// <param name="path">The file, full or relative to the plan.</param>
    /// <exception cref="DeployOpsException"><c>FileNotApproved</c> where the approval does not cover it.</exception>
    public string Text(string path)
    {
        using var reader = new StreamReader(new MemoryStream(Find(path).Content.ToArray(), writable: false), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    /// <summary>The bytes of a file as it was approved.</summary>
    /// <param name="path">The file, full or relative to the plan.</param>
    /// <exception cref="DeployOpsException"><c>FileNotApproved</c> where the approval does not cover it.</exception>
    public ReadOnlyMemory<byte> Bytes(string path) => Find(path).Content;

    /// <summary>How other files differ from these, one phrase each, sorted by path; empty where they are the same.</summary>
    public IReadOnlyList<string> DifferencesTo(ApprovedFiles others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return PlanDigest.Differences(Hashes(), others.Hashes());
    }

    /// <summary>The hash of each file by its relative path.</summary>
    internal IReadOnlyDictionary<string, string> Hashes() => Files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);

    /// <summary>What is made of these files, made once: they do not change.</summary>
    /// <param name="key">Of which of them, and how.</param>
    /// <param name="make">Makes it; what it throws is not remembered.</param>
    internal T Derive<T>(string key, Func<T> make)
        where T : class => (T)derived.GetOrAdd((typeof(T), key), _ => make());

    private ApprovedFile Find(string path)
        => byFullPath.TryGetValue(Path.GetFullPath(path, Folder), out var file)
            ? file
            : throw new DeployOpsException(
                "FileNotApproved",
                FaultKind.Security,
                $"The file '{path}' is not among the {Files.Count} files the approval covers.",
                "Name it in the plan's Files, approve the plan again, and start anew.")
            {
                Target = path,
            };
}
