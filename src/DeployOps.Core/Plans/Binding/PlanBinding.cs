using DeployOps.Plans.Syntax;
using DeployOps.Secrets;

namespace DeployOps.Plans.Binding;

/// <summary>What binding one plan shares: its place, its mistakes so far, and the way to resolve references.</summary>
/// <param name="path">The full path of the plan.</param>
/// <param name="secrets">Resolves references.</param>
/// <param name="redactor">Learns what they yield, once the whole plan is bound.</param>
/// <param name="errors">Takes the mistakes.</param>
/// <param name="disk">Which of the files it names exist.</param>
/// <param name="spared">Sections nobody needs now: a reference in them that yields nothing is no mistake, but known.</param>
internal sealed class PlanBinding(string path, ISecretSource secrets, Redactor redactor, ICollection<PlanError> errors, PlanDisk? disk = null, IReadOnlyList<string>? spared = null)
{
    /// <summary>How a refusal of something that exists in the design but not in this version ends; no typo reads so.</summary>
    public const string NotSupported = "is not supported by this version of DeployOps";

    /// <summary>The fewest characters of a part of a path that is taken for a token: 12. Shorter ones are words such as <c>healthz</c>, and stand in every text.</summary>
    private const int ShortestSegment = 12;

    /// <summary>The full path of the plan.</summary>
    public string Path { get; } = path;

    /// <summary>Which of the files it names exist.</summary>
    public PlanDisk Disk { get; } = disk ?? PlanDisk.Real;

    /// <summary>The plan's folder, where relative paths start.</summary>
    public string Folder { get; } = System.IO.Path.GetDirectoryName(path)!;

    /// <summary>What is no mistake but has to be known, in the order it was met.</summary>
    public List<PlanError> Warnings { get; } = [];

    /// <summary>Every reference, in the order it was met.</summary>
    public List<PlanUse> Uses { get; } = [];

    /// <summary>The references of spared sections that yield nothing, in the order they were met.</summary>
    public List<PlanError> Unresolved { get; } = [];

    /// <summary>The secrets that can be kept out of everything but what the log goes by, each with where it was met and what it is.</summary>
    private List<(string Secret, PlanPosition Position, string Key, string What)> Kept { get; } = [];

    /// <summary>Parts of secret addresses, which may be secrets themselves or words that stand everywhere.</summary>
    private List<string> Parts { get; } = [];

    /// <summary>Writes down a mistake.</summary>
    public void Report(PlanPosition position, string key, string message) => errors.Add(new PlanError(Path, position.Line, position.Column, key, message));

    /// <summary>The text itself, or what it refers to; null and a mistake where that cannot be resolved.</summary>
    public string? Resolve(string text, PlanPosition position, string key)
    {
        if (!SecretReference.TryParse(text, Folder, out var reference))
        {
            return text;
        }

        Uses.Add(new PlanUse(key, reference));
        try
        {
            var value = secrets.Resolve(reference);
            Keep(value, position, key, $"what '{reference}' yields");
            return value;
        }
        catch (DeployOpsException error)
        {
            var mistake = new PlanError(Path, position.Line, position.Column, key, $"'{reference}': {error.Message} ({error.ErrorId})");
            if (IsSpared(key))
            {
                Warnings.Add(mistake);
                Unresolved.Add(mistake);
            }
            else
            {
                errors.Add(mistake);
            }

            return null;
        }
    }

    private bool IsSpared(string key) => spared is not null && spared.Contains(key.Split('.', '[')[0], StringComparer.Ordinal);

    /// <summary>Makes the password within a connection string known; the whole was registered where it came from a reference.</summary>
    public bool TryRegisterPassword(string connectionString, PlanPosition position, string key)
    {
        try
        {
            foreach (var password in ConnectionPasswords.Of(connectionString))
            {
                Keep(password, position, key, "its password");
            }

            return true;
        }
        catch (ArgumentException)
        {
            // Its message may quote the string; that it is malformed is all the caller needs.
            return false;
        }
    }

    /// <summary>
    /// Makes what is secret within an address known: the password, or a user without one, which is a token; and where a reference yielded the
    /// address, also its long path segments and the values of its query, since messages show addresses in parts and in another spelling.
    /// </summary>
    public void RegisterSecrets(Uri address, bool isReferred, PlanPosition position, string key)
    {
        var colon = address.UserInfo.IndexOf(':', StringComparison.Ordinal);
        Keep(Uri.UnescapeDataString(address.UserInfo[(colon + 1)..]), position, key, "its password");
        RegisterEscaped(address.UserInfo[(colon + 1)..]);
        if (!isReferred)
        {
            return;
        }

        Parts.Add(address.AbsoluteUri);
        foreach (var segment in address.AbsolutePath.Split('/').Where(segment => segment.Length >= ShortestSegment))
        {
            RegisterEscaped(segment);
        }

        foreach (var pair in address.Query.TrimStart('?').Split('&'))
        {
            RegisterEscaped(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }
    }

    private void RegisterEscaped(string part) => Parts.AddRange([part, Uri.UnescapeDataString(part), Uri.UnescapeDataString(part.Replace('+', ' '))]);

    /// <summary>
    /// Makes the secrets of the bound plan known. One that stands within what the log goes by is a mistake and stays unknown: the log could not be read with that masked, nor could that of another
    /// plan. A part of an address that does is a word.
    /// </summary>
    public void KeepSecretsOut(LogTexts texts)
    {
        foreach (var (secret, position, key, what) in Kept)
        {
            if (texts.KindOf(secret) is { } kind)
            {
                Report(position, key, $"{what} stands in {kind}, which the log goes by, so it cannot be kept out of it: use another secret.");
            }
            else
            {
                redactor.Register(secret);
            }
        }

        Parts.Where(part => texts.KindOf(part) is null).ToList().ForEach(part => redactor.Register(part));
    }

    private void Keep(string? secret, PlanPosition position, string key, string what)
    {
        if (string.IsNullOrWhiteSpace(secret))
        {
            return;
        }

        if (secret.Trim().Length < Redactor.ShortestSecret)
        {
            Warnings.Add(new PlanError(Path, position.Line, position.Column, key, $"{what} is shorter than {Redactor.ShortestSecret} characters, so it cannot be kept out of logs and reports: use a longer secret."));
        }
        else if (LogWords.Hold(secret.Trim()))
        {
            Report(position, key, $"{what} is a word that the log itself is made of, so it cannot be kept out of it: use another secret.");
        }
        else
        {
            Kept.Add((secret, position, key, what));
        }
    }
}
