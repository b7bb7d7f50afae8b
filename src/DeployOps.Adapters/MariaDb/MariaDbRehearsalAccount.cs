using System.Security.Cryptography;
using System.Text.RegularExpressions;
using DeployOps.Backups;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// An account of its own for what is tried on a copy, with rights on the copy and nothing else, so that the server refuses whatever would reach beyond it: MariaDB lets the account of
/// the plan use all databases of a server. It owns what of the copy runs by its owner's rights. It is dropped with the copy; a database of its own, empty and marked, tells a later
/// run of one that was left.
/// </summary>
/// <param name="scratch">The copy.</param>
/// <param name="observer">Is told its password, to be kept out of everything, and what could not be tidied up.</param>
internal sealed class MariaDbRehearsalAccount(MariaDbScratch scratch, IProofObserver observer) : IAsyncDisposable
{
    /// <summary>What the name of a database begins with that tells of an account.</summary>
    internal const string Mark = "deployops_account_";

    // Neither EVENT nor anything of the whole server, such as SUPER, FILE, PROCESS and SET USER.
    private const string Rights =
        "SELECT, INSERT, UPDATE, DELETE, DELETE HISTORY, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, LOCK TABLES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER";

    private const string Needed = @"grant the account of the plan CREATE USER ON *.*, SELECT ON mysql.func and ALL ON `deployops\_%`.* WITH GRANT OPTION, and start again";

    private static readonly Version KnowsPublic = new(10, 11);

    // DEFINER=`user`@`host` as SHOW CREATE writes it; of a role without a host.
    private static readonly Regex Definer = new(@"^(?<head>CREATE (ALGORITHM=\w+ )?)DEFINER=`([^`]|``)*`(@`([^`]|``)*`)? ", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    private readonly string name = $"deployops_{scratch.Number}";
    private string account = "";
    private string host = "";
    private MariaDbServer? server;
    private bool isMarked;
    private bool mayExist;

    /// <summary>The copy, connected to by this account.</summary>
    internal MariaDbServer Server => server ?? throw new InvalidOperationException("There is no account yet.");

    /// <summary>Makes it and sees to it that the server gives it nothing beyond the copy.</summary>
    /// <returns>Null, or why it cannot be, in words, and what to do.</returns>
    internal async Task<string?> CreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await MakeAsync(cancellationToken) ?? await OpenAsync(cancellationToken)) is { } open ? $"scripts on the copy could not be kept within it: {open}" : null;
        }
        catch (MySqlException e)
        {
            return $"scripts on the copy could not be kept within it by an account of their own: {MariaDbErrors.Words(e)}; {(MariaDbErrors.IsOfBinaryLog(e) ? MariaDbErrors.BinaryLogWay : Needed)}";
        }
        catch (DeployOpsException e) when (e.ErrorId == "DatabaseUnreachable")
        {
            return $"scripts on the copy could not be kept within it by an account of their own: {e.Fact.TrimEnd('.')}";
        }
    }

    /// <summary>Drops what a run left that ended before it could tidy up: an account, and the database that tells of it.</summary>
    internal static async Task DropLeftoverAsync(MySqlConnection keeper, string database, string comment)
    {
        // Nobody's but one that this program made for the copy of the same number.
        if (Regex.Match(comment, $"^{MariaDbScratch.Comment} tells of an account, (?<account>'deployops_{database[Mark.Length..]}'@'([^'\\\\]|'')*')$", RegexOptions.ExplicitCapture) is { Success: true } match)
        {
            await keeper.ExecuteAsync(CancellationToken.None, $"DROP USER IF EXISTS {match.Groups["account"].Value}", $"DROP DATABASE {MariaDbNames.Quote(database)}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!isMarked)
        {
            return;
        }

        try
        {
            // The account first: what is left of it without the database that tells of it nobody would find.
            await scratch.Keeper.ExecuteAsync(CancellationToken.None, [.. mayExist ? [$"DROP USER IF EXISTS {account}"] : Array.Empty<string>(), $"DROP DATABASE IF EXISTS {Mark}{scratch.Number}"]);
        }
        catch (Exception e) when (e is MySqlException or InvalidOperationException)
        {
            observer.Left($"the account {account}, which has rights on the copy alone, could not be dropped: {MariaDbErrors.Words(e)}. DROP USER {account}; DROP DATABASE {Mark}{scratch.Number}. The next proof drops both, too.");
        }
    }

    private async Task<string?> MakeAsync(CancellationToken cancellationToken)
    {
        var keeper = scratch.Keeper;
        var password = $"{Convert.ToHexString(RandomNumberGenerator.GetBytes(16))}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        observer.Hides(password);
        // As the server sees this program come.
        host = await keeper.TextAsync("SELECT SUBSTRING_INDEX(USER(), '@', -1)", [], cancellationToken) ?? "%";
        account = $"'{name}'@{MariaDbNames.Text(host)}";
        isMarked = true;
        await MariaDbScratch.MakeAsync(keeper, Mark + scratch.Number, "", $"tells of an account, {account}", cancellationToken);
        var isEncrypted = await keeper.QueryAsync("SHOW SESSION STATUS LIKE 'Ssl_cipher'", [], row => row.Text(1), cancellationToken) is [{ Length: > 0 }];
        var require = !isEncrypted ? "NONE" : scratch.Server.HasCertificate ? "X509" : "SSL";
        // A name that stands for one database: an underscore would stand for any letter.
        var within = MariaDbNames.Quote(scratch.Name.Replace("_", @"\_", StringComparison.Ordinal));
        mayExist = true;
        try
        {
            await keeper.ExecuteAsync(CancellationToken.None, $"CREATE USER {account} IDENTIFIED BY '{password}' REQUIRE {require}");
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            mayExist = false;
            throw;
        }

        await keeper.ExecuteAsync(CancellationToken.None, $"GRANT {Rights} ON {within}.* TO {account}");
        server = scratch.Server.As(name, password);
        return await OwnAsync(cancellationToken);
    }

    // What runs by its owner's rights would run by those of an account of production.
    private async Task<string?> OwnAsync(CancellationToken cancellationToken)
    {
        await using var connection = await scratch.Server.OpenAsync(cancellationToken);
        var objects = (await MariaDbObject.AllAsync(connection, cancellationToken)).Where(one => one.Kind != "EVENT").ToList();
        if (objects.Find(one => !Definer.IsMatch(one.Creation)) is { } hidden)
        {
            return $"how the {hidden.Kind.ToLowerInvariant()} {hidden.Name} was made is not shown to the account of the plan; grant it SELECT ON mysql.proc and start again";
        }

        await MariaDbObject.DropAsync(connection, objects);
        var owner = $"DEFINER={MariaDbNames.Quote(name)}@{MariaDbNames.Quote(host)} ";
        try
        {
            await MakeAgainAsync(connection, objects, owner);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            // The account of the plan may give nothing to others; this one may own what it makes itself.
            await MariaDbObject.DropAsync(connection, objects);
            await using var own = await Server.OpenAsync(cancellationToken);
            await own.ExecuteAsync(cancellationToken, "SET SESSION lock_wait_timeout = 30");
            await MakeAgainAsync(own, objects, "");
        }

        return null;
    }

    private static Task MakeAgainAsync(MySqlConnection connection, IEnumerable<MariaDbObject> objects, string definer) => MariaDbObject.CreateAsync(
        connection, [.. objects.Select(one => one with { Creation = Definer.Replace(one.Creation, match => match.Groups["head"].Value + definer) })], new HashSet<string>(StringComparer.Ordinal), create => create());

    // What stands open to every account, or what functions and engines do that were loaded into the server: no right of this account keeps a script from it.
    private async Task<string?> OpenAsync(CancellationToken cancellationToken)
    {
        var loaded = await scratch.Keeper.QueryAsync("SELECT name FROM mysql.func ORDER BY name", [], row => row.Text(0), cancellationToken);
        if (loaded.Count > 0)
        {
            return $"every account may call the function {loaded[0]}, which was loaded into the server, and nobody knows what it does";
        }

        var engines = await scratch.Keeper.QueryAsync("SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')", [], row => row.Text(0), cancellationToken);
        if (engines.Find(engine => Array.Exists(MariaDbBounds.EnginesElsewhere, known => known.Equals(engine, StringComparison.OrdinalIgnoreCase))) is { } elsewhere)
        {
            return $"the engine {elsewhere} is loaded, whose tables lie elsewhere";
        }

        await using var connection = await Server.OpenAsync(cancellationToken);
        var databases = await connection.QueryAsync("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1", [], row => row.Text(0), cancellationToken);
        if (databases.Find(database => database != scratch.Name && !database.Equals("information_schema", StringComparison.OrdinalIgnoreCase)) is { } open)
        {
            return $"the database {open} is open to every account; take that away, from PUBLIC or from the account without a name, and start again";
        }

        // How names are quoted follows the mode.
        await connection.ExecuteAsync(cancellationToken, "SET SESSION sql_mode = ''");
        var grants = await connection.QueryAsync("SHOW GRANTS", [], row => row.Text(0), cancellationToken);
        if (connection.Version() >= KnowsPublic)
        {
            grants.AddRange(await connection.QueryAsync("SHOW GRANTS FOR PUBLIC", [], row => row.Text(0), cancellationToken));
        }

        var within = $" ON {MariaDbNames.Quote(scratch.Name.Replace("_", @"\_", StringComparison.Ordinal))}.* TO ";
        return grants.Find(grant => !grant.StartsWith("GRANT USAGE ON *.* TO ", StringComparison.Ordinal) && !grant.Contains(within, StringComparison.Ordinal)) is { } more
            ? $"every account has more rights than those on the copy: {more.Split(" TO ", 2)[0]}; take them away and start again"
            : null;
    }
}
