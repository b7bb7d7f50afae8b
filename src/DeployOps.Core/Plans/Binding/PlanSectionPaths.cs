using DeployOps.Plans.Approvals;
using DeployOps.Plans.Syntax;

namespace DeployOps.Plans.Binding;

/// <summary>Files and folders that a plan names. Relative ones start at the plan, and all must exist.</summary>
internal static class PlanSectionPaths
{
    /// <summary>The full path of a file the approval covers.</summary>
    public static string? ApprovedFile(this PlanSection section, string key, bool required = false)
        => section.Literal(key, required) is { } text ? section.Existing(key, text, section.Binding.Disk.HasFile, "file") : null;

    /// <summary>The full path of a folder whose scripts the approval covers.</summary>
    public static string? ApprovedFolder(this PlanSection section, string key)
        => section.Literal(key) is { } text ? section.Existing(key, text, section.Binding.Disk.HasFolder, "folder") : null;

    /// <summary>The full path of a file that changes while the release goes on, so no approval covers it.</summary>
    public static string? LiveFile(this PlanSection section, string key)
        => section.Value(key, required: true) is { } text ? section.Existing(key, text, section.Binding.Disk.HasLiveFile, "file") : null;

    /// <summary>The full path of a folder that changes while the release goes on, so no approval covers it.</summary>
    public static string? LiveFolder(this PlanSection section, string key)
        => section.Literal(key, required: true) is { } text && section.Existing(key, text, section.Binding.Disk.HasLiveFolder, "folder") is { } path ? Path.TrimEndingDirectorySeparator(path) : null;

    /// <summary>The full path of a file that need not be there yet.</summary>
    public static string? ComingFile(this PlanSection section, string key)
    {
        var text = section.Literal(key, required: true);
        var path = text is null ? null : section.Binding.FullPath(text);
        if (text is not null && (path is null || Path.GetFileName(path).Length == 0))
        {
            section.Wrong(key, section.Node(key)!, "expected the path of a file.");
        }

        return path;
    }

    /// <summary>The full paths of files that need not be there yet, with wildcards in the name or without.</summary>
    public static IReadOnlyList<string> LogPatterns(this PlanSection section, string key)
    {
        var patterns = new List<string>();
        foreach (var (name, node) in section.Items(key, required: false))
        {
            var text = (node as PlanScalar)?.Value as string;
            var path = string.IsNullOrWhiteSpace(text) ? null : section.Binding.FullPath(text);
            if (path is not null && Path.GetFileName(path).Length > 0 && Path.GetDirectoryName(path)?.AsSpan().ContainsAny('*', '?') == false)
            {
                patterns.Add(path);
            }
            else if (node is not PlanRefused)
            {
                section.Binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected the path of a log in quotes, with wildcards in its name or without.");
            }
        }

        return [.. patterns.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The full paths of the files that a list of names and patterns means, sorted, each once. Hidden files match no pattern.</summary>
    public static IReadOnlyList<string> ApprovedFiles(this PlanSection section, string key)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, node) in section.Items(key, required: false))
        {
            if (node is PlanScalar { Value: string text } && !string.IsNullOrWhiteSpace(text))
            {
                files.UnionWith(section.Binding.Matches(name, node, text));
            }
            else if (node is not PlanRefused)
            {
                section.Binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected a file's path or a pattern in quotes.");
            }
        }

        return [.. files];
    }

    private static string? Existing(this PlanSection section, string key, string text, Func<string, bool> exists, string sort)
    {
        var node = section.Node(key)!;
        var path = section.Binding.FullPath(text);
        if (path is not null && exists(path))
        {
            return path;
        }

        section.Wrong(key, node, path is null ? $"expected the path of a {sort}." : $"there is no such {sort}; relative paths start at the plan.");
        return null;
    }

    private static IReadOnlyList<string> Matches(this PlanBinding binding, string name, PlanNode node, string text)
    {
        if (Secrets.SecretReference.TryParse(text, binding.Folder, out _))
        {
            binding.Report(node.Position, name, $"{PlanText.Show(node)}: a reference is not allowed here: the approval covers this value, so it stands in the plan itself.");
            return [];
        }

        var path = binding.FullPath(text);
        if (path is null)
        {
            binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected a file's path or a pattern.");
            return [];
        }

        IReadOnlyList<string> found;
        try
        {
            found = binding.Disk.Matches(binding.Start(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            binding.Report(node.Position, name, $"{PlanText.Show(node)}: cannot be listed: {error.Message}");
            return [];
        }

        if (found.Count == 0)
        {
            var reason = Directory.Exists(path) ? "is a folder; name its files, such as 'folder/*'." : "no file matches; relative paths start at the plan.";
            binding.Report(node.Position, name, $"{PlanText.Show(node)}: {reason}");
        }

        return found;
    }

    /// <summary>The full path, or null where the text is no path at all.</summary>
    private static string? FullPath(this PlanBinding binding, string text)
    {
        try
        {
            // Plans travel between systems, so both slashes separate everywhere.
            return Path.GetFullPath(text.Replace('\\', Path.DirectorySeparatorChar), binding.Folder);
        }
        catch (Exception error) when (error is ArgumentException or IOException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The folder a pattern is looked up from: the plan's, in whose own name a star or question mark is no wildcard.</summary>
    private static string Start(this PlanBinding binding, string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(binding.Folder);
        return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? folder : Path.GetPathRoot(path)!;
    }
}
