using System.Text;

namespace DeployOps.Secrets;

/// <summary>Resolves references from the environment, from files, and from a vault where one is at hand.</summary>
/// <param name="environment">Reads an environment variable; null where it is not set.</param>
/// <param name="vault">Reads a secret by name, null where there is none of that name; itself null where SecretManagement is not installed.</param>
public sealed class SecretSource(Func<string, string?> environment, Func<string, string?>? vault = null) : ISecretSource
{
    /// <summary>The largest file a reference may point at, in bytes: 64 KiB, more than any key or token has.</summary>
    public const int MaximumFileSize = 64 * 1024;

    /// <summary>Uses the environment of this process.</summary>
    public SecretSource()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <inheritdoc/>
    public string Resolve(SecretReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (reference.Name.Length == 0)
        {
            throw Missing(reference, "it names nothing after the colon");
        }

        return reference.Kind switch
        {
            SecretKind.Environment => FromEnvironment(reference),
            SecretKind.File => FromFile(reference),
            _ => FromVault(reference),
        };
    }

    private string FromEnvironment(SecretReference reference)
        => environment(reference.Name) is { Length: > 0 } value ? value : throw Missing(reference, "the environment variable is not set or empty");

    private static string FromFile(SecretReference reference)
    {
        string text;
        try
        {
            var path = Path.GetFullPath(reference.Name, reference.BaseFolder);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (stream.Length > MaximumFileSize)
            {
                throw Unreadable(reference, $"the file has {stream.Length:N0} bytes, at most {MaximumFileSize:N0} are read", null);
            }

            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            text = reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(reference, "there is no such file", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // A decoder's message quotes bytes of the file, so no message is passed on.
            throw Unreadable(reference, $"the file cannot be read as UTF-8 text ({error.GetType().Name})", error is DecoderFallbackException ? null : error);
        }

        var value = WithoutLastNewline(text);
        return value.Length > 0 ? value : throw Missing(reference, "the file is empty");
    }

    private string FromVault(SecretReference reference)
    {
        if (vault is null)
        {
            throw new DeployOpsException(
                "SecretManagementMissing",
                FaultKind.NotFound,
                $"The reference '{reference}' needs the module Microsoft.PowerShell.SecretManagement, which is not available here.",
                "Install it and register a vault, or use env: or file:.");
        }

        try
        {
            return vault(reference.Name) is { Length: > 0 } value ? value : throw Missing(reference, "no vault has a text secret of this name");
        }
        catch (Exception error) when (error is not DeployOpsException and not OperationCanceledException)
        {
            // A vault's own message may quote what it holds.
            throw Unreadable(reference, $"the vault refused ({error.GetType().Name})", null);
        }
    }

    private static string WithoutLastNewline(string text)
    {
        if (text.EndsWith("\r\n", StringComparison.Ordinal))
        {
            return text[..^2];
        }

        return text.EndsWith('\n') ? text[..^1] : text;
    }

    private static DeployOpsException Missing(SecretReference reference, string reason, Exception? cause = null)
        => new("SecretNotFound", FaultKind.NotFound, $"The reference '{reference}' yields nothing: {reason}.", innerException: cause);

    private static DeployOpsException Unreadable(SecretReference reference, string reason, Exception? cause)
        => new("SecretUnreadable", FaultKind.Failed, $"The reference '{reference}' cannot be resolved: {reason}.", innerException: cause);
}
