using System.Diagnostics.CodeAnalysis;

namespace DeployOps.Secrets;

/// <summary>A value that stands somewhere else than in the plan.</summary>
/// <param name="Kind">Where it stands.</param>
/// <param name="Name">The variable's name, the file's path, or the secret's name.</param>
/// <param name="BaseFolder">The folder a relative file starts at: the plan's.</param>
public sealed record SecretReference(SecretKind Kind, string Name, string BaseFolder)
{
    private static readonly (string Prefix, SecretKind Kind)[] Prefixes =
        [("env:", SecretKind.Environment), ("file:", SecretKind.File), ("secret:", SecretKind.Vault)];

    /// <summary>Whether a text is a reference, which its prefix decides in any case; the name may still be empty.</summary>
    public static bool TryParse(string text, string baseFolder, [NotNullWhen(true)] out SecretReference? reference)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var (prefix, kind) in Prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                reference = new SecretReference(kind, text[prefix.Length..].Trim(), baseFolder);
                return true;
            }
        }

        reference = null;
        return false;
    }

    /// <summary>The reference as a plan writes it, never what it yields.</summary>
    public override string ToString() => Array.Find(Prefixes, prefix => prefix.Kind == Kind).Prefix + Name;
}
