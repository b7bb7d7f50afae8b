using System.Data.Common;

namespace DeployOps.Secrets;

/// <summary>The passwords in an ADO.NET connection string, by the names of its parts.</summary>
internal static class ConnectionPasswords
{
    /// <summary>What stands under a name that holds a password.</summary>
    /// <exception cref="ArgumentException">It is no connection string. The message may quote it.</exception>
    internal static IReadOnlyList<string> Of(string connectionString)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return [.. parts.Keys!.Cast<string>().Where(IsPassword).Select(name => parts[name]).OfType<string>()];
    }

    private static bool IsPassword(string key)
        => key.Contains("password", StringComparison.OrdinalIgnoreCase) || key.Equals("pwd", StringComparison.OrdinalIgnoreCase);
}
