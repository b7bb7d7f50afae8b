using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// A connection of the driver as PostgreSQL's own programs are told of it (PostgreSQL's manual, 34.15). What the connection string leaves out both take from the environment, but not all of
/// the same variables: what the driver heeds is passed on, and what would lead the programs elsewhere than the driver goes is taken away.
/// </summary>
internal static class PostgreSqlEnvironment
{
    // Where distributions keep the authorities that the system trusts, which the driver asks and libpq does not.
    private static readonly string[] Bundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

    private static readonly string[] LeadsElsewhere =
        ["PGHOSTADDR", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS", "PGSERVICE", "PGSERVICEFILE", "PGREQUIREPEER", "PGCLIENTENCODING", "PGDATESTYLE", "PGTZ", "PGGEQO"];

    /// <summary>What of a connection string no variable says, in words; null where there is nothing.</summary>
    internal static string? Unsupported(NpgsqlConnectionStringBuilder settings) => !string.IsNullOrEmpty(settings.SslPassword) ? "a password of the certificate's key"
        : settings.SslCertificate is { } file && Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12" ? "a certificate in PKCS #12"
        : null;

    /// <summary>The variables; null stands for one that is taken away.</summary>
    /// <param name="settings">The connection.</param>
    /// <param name="variable">The environment of this process.</param>
    internal static IReadOnlyDictionary<string, string?> Of(NpgsqlConnectionStringBuilder settings, Func<string, string?> variable)
    {
        var variables = LeadsElsewhere.ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        variables["PGHOST"] = settings.Host;
        variables["PGPORT"] = settings.Port.ToString(CultureInfo.InvariantCulture);
        variables["PGDATABASE"] = settings.Database;
        variables["PGUSER"] = Said(settings.Username) ?? Said(variable("PGUSER")) ?? Environment.UserName;
        variables["PGPASSWORD"] = Said(settings.Password) ?? variable("PGPASSWORD");
        variables["PGPASSFILE"] = Said(settings.Passfile) ?? variable("PGPASSFILE");
        variables["PGSSLMODE"] = settings.SslMode switch { SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", var mode => Lower(mode) };
        variables["PGSSLROOTCERT"] = Said(settings.RootCertificate) ?? Said(variable("PGSSLROOTCERT")) ?? Trusted(settings.SslMode);
        variables["PGSSLCERT"] = Said(settings.SslCertificate) ?? variable("PGSSLCERT");
        variables["PGSSLKEY"] = Said(settings.SslKey) ?? variable("PGSSLKEY");
        variables["PGCONNECT_TIMEOUT"] = settings.Timeout.ToString(CultureInfo.InvariantCulture);
        variables["PGOPTIONS"] = Said(settings.Options) ?? variable("PGOPTIONS");
        variables["PGAPPNAME"] = "deployops/backup";
        variables["PGCHANNELBINDING"] = Lower(settings.ChannelBinding);
        variables["PGKRBSRVNAME"] = Said(settings.KerberosServiceName);
        variables["PGREQUIREAUTH"] = Methods(Said(settings.RequireAuth) ?? variable("PGREQUIREAUTH"));
        variables["PGGSSENCMODE"] = settings.ShouldSerialize("GSS Encryption Mode") ? Lower(settings.GssEncryptionMode) : variable("PGGSSENCMODE");
        variables["PGSSLNEGOTIATION"] = settings.ShouldSerialize("SSL Negotiation") ? Lower(settings.SslNegotiation) : variable("PGSSLNEGOTIATION");
        return variables;
    }

    // The driver writes ScramSHA256 for what libpq calls scram-sha-256; the other names differ in case alone.
    private static string? Methods(string? said) => said?.ToLowerInvariant().Replace("scramsha256", "scram-sha-256", StringComparison.Ordinal);

    private static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    // Where neither names a root, and none lies where both look for one, the driver asks the system. libpq does so from version 16 on, by this word.
    private static string? Trusted(SslMode mode)
    {
        var usual = OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", "root.crt")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".postgresql", "root.crt");
        return mode is not (SslMode.VerifyCA or SslMode.VerifyFull) || File.Exists(usual) ? null : Array.Find(Bundles, File.Exists) ?? "system";
    }
}
