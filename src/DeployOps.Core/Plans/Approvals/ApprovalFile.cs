using System.Text.Json;
using System.Text.Json.Serialization;
using DeployOps.Journal;

namespace DeployOps.Plans.Approvals;

/// <summary>The approval beside its plan, as <c>&lt;plan&gt;.approval.json</c>.</summary>
public static class ApprovalFile
{
    /// <summary>The largest file that is read, in bytes: 16 MiB, some hundred thousand files.</summary>
    private const int MaximumSize = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Who starts the window is another person than who approved, and must be able to read it.</summary>
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Where the approval of a plan lies.</summary>
    public static string PathFor(string planPath) => Path.GetFullPath(planPath) + ".approval.json";

    /// <summary>Writes the approval of a plan in place of an earlier one: the old or the new is there whole at any moment.</summary>
    /// <returns>The full path of the file.</returns>
    /// <exception cref="DeployOpsException"><c>ApprovalUnwritable</c>.</exception>
    public static string Write(string planPath, PlanApproval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        var path = PathFor(planPath);
        try
        {
            DurableFile.Replace(path, [.. JsonSerializer.SerializeToUtf8Bytes(approval, Format), (byte)'\n'], ReadableByAll);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("ApprovalUnwritable", FaultKind.Failed, $"The approval '{path}' cannot be written: {error.Message}", "Check that this account may write to the plan's folder.", error)
            {
                Target = path,
            };
        }

        return path;
    }

    /// <summary>Reads the approval of a plan; null where nobody approved it.</summary>
    /// <exception cref="DeployOpsException"><c>ApprovalUnreadable</c> where the file is no approval, was edited by hand, or cannot be read.</exception>
    public static PlanApproval? Read(string planPath)
    {
        var path = PathFor(planPath);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (stream.Length > MaximumSize)
            {
                throw Unreadable(path, $"it has {stream.Length:N0} bytes, at most {MaximumSize:N0} are read", null);
            }

            var approval = JsonSerializer.Deserialize<PlanApproval>(stream, Format) ?? throw Unreadable(path, "it is empty", null);
            return Flaw(approval) is { } flaw ? throw Unreadable(path, flaw, null) : approval with { Path = Path.GetFullPath(planPath) };
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(path, error.Message.TrimEnd('.'), error);
        }
    }

    private static string? Flaw(PlanApproval approval)
    {
        if (approval.Format != PlanApproval.FormatVersion)
        {
            return $"its format is {approval.Format}, and this version of DeployOps reads {PlanApproval.FormatVersion}";
        }

        if (approval.Files.Any(file => file is not { Path: not null, Sha256: not null } || !PlanDigest.IsDigest(file.Sha256)))
        {
            return "a file has no name or its hash is no SHA-256";
        }

        if (approval.Files.DistinctBy(file => file.Path, StringComparer.Ordinal).Count() != approval.Files.Count)
        {
            return "it names a file twice";
        }

        if (PlanDigest.Of(approval.Files.Select(file => (file.Path, file.Sha256))) != approval.Digest)
        {
            return "its digest does not belong to its files";
        }

        return string.IsNullOrWhiteSpace(approval.ApprovedBy) ? "it does not say who approved" : null;
    }

    private static DeployOpsException Unreadable(string path, string reason, Exception? cause)
        => new("ApprovalUnreadable", FaultKind.InvalidData, $"The approval '{path}' cannot be used: {reason}.", "Look at the plan and approve it again.", cause) { Target = path };
}
