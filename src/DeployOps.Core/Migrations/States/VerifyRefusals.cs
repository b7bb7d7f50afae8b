namespace DeployOps.Migrations.States;

/// <summary>Why what was asked to be validated before it is committed cannot be.</summary>
public static class VerifyRefusals
{
    /// <summary>The script is no transaction, so that there is nothing to take back.</summary>
    public static DeployOpsException OutsideOfTransaction(MigrationScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return new DeployOpsException(
            "MigrationVerifyUnsupported",
            FaultKind.InvalidOperation,
            $"{script.FileName} cannot be validated before it is committed: it does not run in one transaction, since MariaDB commits every definition, and what is written to tables of engines without transactions, by itself.",
            "Leave -VerifyBeforeCommit out, which asks the validations after it; or put what changes rows into a script of its own behind the definitions.")
        { Target = script.FileName };
    }
}
