using System.Reflection;

namespace DeployOps.Secrets;

/// <summary>
/// The words that the execution log itself is made of: the names of what is read back from it. Masked there, a log could not be read any more;
/// and whoever hid them would show by the mask what the secret is.
/// </summary>
internal static class LogWords
{
    private static readonly Lazy<string> All = new(() => string.Join('\n', typeof(LogWords).Assembly.GetTypes().SelectMany(Names).Distinct(StringComparer.OrdinalIgnoreCase)));

    /// <summary>Whether a secret is one of them, or a part of one, in whatever case.</summary>
    internal static bool Hold(string secret) => All.Value.Contains(secret, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Names(Type type) => type.IsEnum
        ? Enum.GetNames(type)
        : type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(property => property.Name);
}
