using System.Text;
using DeployOps.Plans.Approvals;
using DeployOps.Plans.Binding;
using DeployOps.Plans.Syntax;
using DeployOps.Secrets;
using DeployOps.Windows.Homes;

namespace DeployOps.Plans;

/// <summary>Reads a plan file: the plan, or all its mistakes at once.</summary>
/// <param name="syntax">Turns text into data.</param>
/// <param name="secrets">Resolves references.</param>
/// <param name="redactor">Learns what references yield, so that it is shown nowhere.</param>
/// <param name="home">Where windows are kept: no secret of a plan may stand in that path. Null where none is.</param>
public sealed class PlanReader(IPlanSyntax syntax, ISecretSource secrets, Redactor redactor, Func<DeploymentHome>? home = null)
{
    /// <summary>The largest plan that is read, in bytes: 1 MiB. A plan is written by people.</summary>
    public const int MaximumSize = 1024 * 1024;

    /// <summary>Reads a plan.</summary>
    /// <param name="path">The plan file, full or relative to the process's current folder.</param>
    /// <returns>The plan or its mistakes, sorted by position.</returns>
    /// <exception cref="DeployOpsException"><c>PlanNotFound</c>, <c>PlanUnreadable</c> or <c>PlanTooLarge</c>.</exception>
    public PlanReading Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = FullPath(path);
        var content = Load(full);
        return Read(full, content, PlanDisk.Real);
    }

    private static string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or IOException)
        {
            throw NotFound(PlanText.Shorten(path), error);
        }
    }

    /// <summary>Reads a plan again from the bytes a window keeps, whatever became of the files on the disk.</summary>
    /// <param name="path">The full path the plan was read from.</param>
    /// <param name="files">The kept files, the plan among them.</param>
    /// <param name="spared">One of <see cref="SparedSections"/>; null where everything is needed.</param>
    internal PlanReading ReadKept(string path, ApprovedFiles files, IReadOnlyList<string>? spared = null) => Read(path, files.Bytes(path).ToArray(), PlanDisk.Kept(files), spared);

    private PlanReading Read(string full, byte[] content, PlanDisk disk, IReadOnlyList<string>? spared = null)
    {
        var text = Decode(full, content);
        var errors = new List<PlanError>();
        var root = syntax.Parse(text, full, errors);
        var binding = new PlanBinding(full, secrets, redactor, errors, disk, spared);
        var texts = LogTexts.Of(full, null, [], home?.Invoke());
        DeploymentPlan? plan = null;
        try
        {
            plan = root is null ? null : PlanBinder.Bind(binding, root);
            texts = LogTexts.Of(full, plan, plan is null || errors.Count > 0 ? [] : Files(plan, disk), home?.Invoke());
        }
        finally
        {
            binding.KeepSecretsOut(texts);
        }

        // Only now is every secret known, so only now can a message be cleaned of all of them.
        var sorted = errors
            .Select(error => error with { Message = redactor.Redact(error.Message) })
            .OrderBy(error => error.Line)
            .ThenBy(error => error.Column)
            .ThenBy(error => error.Key, StringComparer.Ordinal)
            .ToList();
        return new PlanReading(full, content, plan is null ? null : plan with { Texts = texts }, sorted) { Warnings = binding.Warnings, Uses = binding.Uses };
    }

    private static IReadOnlyList<string> Files(DeploymentPlan plan, PlanDisk disk)
    {
        try
        {
            return [.. disk.Files(plan).Select(path => PlanFiles.Relative(Path.GetDirectoryName(plan.Path)!, path))];
        }
        catch (DeployOpsException e) when (e.ErrorId == "PlanFileUnreadable")
        {
            // Whoever goes on with this plan captures its files and is told this very error.
            return [];
        }
    }

    private static byte[] Load(string full)
    {
        try
        {
            using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaximumSize)
            {
                throw new DeployOpsException(
                    "PlanTooLarge",
                    FaultKind.InvalidData,
                    $"The plan '{full}' has {stream.Length:N0} bytes; at most {MaximumSize:N0} are read.",
                    "Move what is not the plan itself into files that it names.")
                {
                    Target = full,
                };
            }

            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotFound(full, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(full, error.Message, error);
        }
    }

    private static string Decode(string full, byte[] content)
    {
        try
        {
            var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(new MemoryStream(content, writable: false), strict, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException error)
        {
            throw Unreadable(full, "it is not UTF-8 text", error);
        }
    }

    private static DeployOpsException NotFound(string path, Exception error)
        => new("PlanNotFound", FaultKind.NotFound, $"There is no plan '{path}'.", "Check the path.", error) { Target = path };

    private static DeployOpsException Unreadable(string full, string reason, Exception error)
        => new("PlanUnreadable", FaultKind.Failed, $"The plan '{full}' cannot be read: {reason.TrimEnd('.')}.", "Check that it is a UTF-8 text file this account may read.", error)
        {
            Target = full,
        };
}
