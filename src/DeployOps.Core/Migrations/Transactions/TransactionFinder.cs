using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Transactions;

/// <summary>Sees the statements of one script in order and decides its class.</summary>
/// <param name="file">The script's file name, for errors.</param>
internal sealed class TransactionFinder(string file)
{
    private const string Header = "transaction";
    private const string Unlocking = "pg_advisory_unlock_all";

    private static readonly string[] Changing = ["UPDATE", "DELETE", "INSERT", "MERGE", "WITH"];

    private readonly EnumValues values = new();
    private MigrationTransaction? stated;
    private SqlDirective? header;
    private SqlStatement? control;
    private SqlStatement? outside;
    private SqlStatement? inside;
    private SqlDirective? repeated;
    private bool hasBegun;
    private bool isInOwnTransaction;

    internal void See(SqlStatement statement)
    {
        RefuseUnlocking(statement);
        ReadHeader(statement);
        ReadRepetition(statement);
        var stand = StatementTransactions.Of(statement);
        if (stand == StatementTransaction.Control)
        {
            isInOwnTransaction = statement.Begins("BEGIN") || statement.Begins("START");
            control ??= statement;
        }

        if (statement.Repetition is not null || stand is StatementTransaction.Control or StatementTransaction.Outside or StatementTransaction.ImplicitCommit)
        {
            outside ??= statement;
        }
        else if (stand == StatementTransaction.Inside && !isInOwnTransaction && !(statement.Dialect == SqlDialect.PostgreSql && values.Take(statement)))
        {
            // What the script brackets by BEGIN and COMMIT of its own is whole by that.
            inside ??= statement;
        }

        hasBegun = true;
    }

    /// <summary>The statement that runs outside of a transaction and the one that needs it, where a script has both and does not say what it wants.</summary>
    internal (SqlStatement Alone, SqlStatement Other)? Mixed
    {
        get
        {
            var alone = outside ?? values.Used;
            var other = inside ?? (values.Used is null ? values.First : null);
            return stated is null && alone is { Dialect: SqlDialect.PostgreSql } && other is not null ? (alone, other) : null;
        }
    }

    /// <exception cref="DeployOpsException"><c>MigrationTransactionMixed</c>.</exception>
    internal MigrationTransaction Decide()
    {
        if (Mixed is var (alone, other))
        {
            throw Refusal(alone, other);
        }

        if (stated == MigrationTransaction.Tx && repeated is not null)
        {
            throw Invalid(repeated, "commits each round, and the script says transaction=script", "Leave the header out, or run the statement once.");
        }

        if (stated == MigrationTransaction.Tx && outside is { Dialect: SqlDialect.MariaDb } committing)
        {
            throw Uncommittable(committing);
        }

        if (stated == MigrationTransaction.Tx && control is not null)
        {
            throw Invalid(
                header!,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"says 'script', and {control.Opening} in line {control.Line} would begin or end a transaction of its own within that one"),
                "Leave BEGIN and COMMIT out, or write transaction=none.");
        }

        return stated ?? ((outside ?? values.Used) is null ? MigrationTransaction.Tx : MigrationTransaction.NoTx);
    }

    // The lock by which there is one runner of migrations is one of its session. Most statements mention it nowhere, and cost no more than that look.
    private void RefuseUnlocking(SqlStatement statement)
    {
        if (statement.Dialect == SqlDialect.PostgreSql && statement.Text.Contains(Unlocking, StringComparison.OrdinalIgnoreCase)
            && (statement.Begins("DO") || statement.Tokens.Any(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && SqlName.Part(token) == Unlocking)))
        {
            throw new DeployOpsException(
                "MigrationScriptUnsupported",
                FaultKind.InvalidData,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}:{statement.Line}: {Unlocking}() would let another runner of migrations in, since it lets go the lock of this one too."),
                "Let go the locks that the script took by pg_advisory_unlock, each by its number.")
            { Target = file };
        }
    }

    private void ReadHeader(SqlStatement statement)
    {
        foreach (var directive in statement.Directives)
        {
            if (directive.Name != Header)
            {
                continue;
            }

            header = directive;
            stated = (hasBegun, directive.Value) switch
            {
                (false, "none") => MigrationTransaction.NoTx,
                (false, "script") => MigrationTransaction.Tx,
                (true, _) => throw Invalid(directive, "stands behind the first statement", "Put it at the top of the script."),
                _ => throw Invalid(directive, $"says '{directive.Value}'", "Write transaction=none or transaction=script."),
            };
        }
    }

    private void ReadRepetition(SqlStatement statement)
    {
        if (statement.Directives.FirstOrDefault(directive => directive.Name == SqlRepetition.Name) is not { } directive)
        {
            return;
        }

        repeated ??= directive;
        if (statement.Dialect == SqlDialect.Sqlite)
        {
            throw Invalid(directive, "is not known for SQLite", "Repeat the statement by hand.");
        }

        if (SqlRepetition.TryRead(directive) is null)
        {
            throw Invalid(directive, $"says '{directive.Value}'", "Say how many rows one round may touch at most, such as repeat-until-zero chunk=5000.");
        }

        if (isInOwnTransaction || !Array.Exists(Changing, word => statement.Begins(word)))
        {
            throw Invalid(directive, isInOwnTransaction ? "stands within a transaction of the script's own" : $"stands before {statement.Opening}", "Put it before one UPDATE, DELETE, INSERT or MERGE that leaves out what it has done already.");
        }
    }

    private DeployOpsException Refusal(SqlStatement alone, SqlStatement other) => new(
        "MigrationTransactionMixed",
        FaultKind.InvalidData,
        $"{file}:{alone.Line}: {alone.Opening} runs outside of a transaction, and {other.Opening} in line {other.Line} needs one to be undone when a statement fails.",
        "Split the script in two, or begin it with '-- deployops: transaction=none' where each statement may be applied for itself.")
    { Target = file };

    // MariaDB has no transaction around it: what stood before it would be committed by it.
    private DeployOpsException Uncommittable(SqlStatement statement) => new(
        "MigrationTransactionMixed",
        FaultKind.InvalidData,
        $"{file}:{statement.Line}: {statement.Opening} commits by itself in MariaDB, and the script says transaction=script.",
        "Leave the header out: each statement is then applied for itself, with a record of it.")
    { Target = file };

    private DeployOpsException Invalid(SqlDirective directive, string what, string next) =>
        new("MigrationHeaderInvalid", FaultKind.InvalidData, $"{file}:{directive.Line}: '-- deployops: {directive.Name}' {what}.", next) { Target = file };
}
