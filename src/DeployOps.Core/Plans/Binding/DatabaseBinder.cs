using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Databases</c>.</summary>
internal static class DatabaseBinder
{
    private static readonly string[] Known = ["Name", "Kind", "ConnectionString", "Scratch", "Replica", "Migrations", "Validations", "Rehearsal", "ScriptTimeout", "Limits"];

    /// <summary>The databases in order.</summary>
    public static IReadOnlyList<DatabaseSpec> Bind(PlanSection plan)
    {
        var databases = plan.Tables("Databases", required: false, Known)
            .Select(section => (Section: section, Spec: BindDatabase(section)))
            .ToList();
        databases.ConvertAll(database => (database.Section, database.Spec.Name)).RequireUnique("Name");
        return databases.ConvertAll(database => database.Spec);
    }

    private static DatabaseSpec BindDatabase(PlanSection section)
    {
        var spec = new DatabaseSpec
        {
            Name = section.SafeNameOf("Name") ?? "",
            Kind = section.Kind(KnownKinds.Databases) ?? "",
            ConnectionString = BindConnection(section, "ConnectionString", required: true) ?? "",
            Scratch = BindConnection(section, "Scratch", required: false),
            Replica = BindConnection(section, "Replica", required: false),
            Migrations = section.ApprovedFolder("Migrations"),
            Validations = section.ApprovedFolder("Validations"),
            BaseFolder = section.Binding.Folder,
            Limits = LimitsBinder.Bind(section),
        };
        spec = spec with { Rehearsal = section.Choice<RehearsalExtent>("Rehearsal", required: false) ?? spec.Rehearsal };
        if (section.Has("Scratch") && spec.Kind.Length > 0 && spec.Kind is not ("PostgreSql" or "MariaDb"))
        {
            section.Report("Scratch", $"does not belong to Kind '{spec.Kind}', whose backups are restored beside it.");
        }

        if (section.Has("Replica") && spec.Kind.Length > 0 && spec.Kind is not ("PostgreSql" or "MariaDb"))
        {
            section.Report("Replica", $"does not belong to Kind '{spec.Kind}', whose validations are asked of one server.");
        }

        if (section.Has("Limits") && spec.Kind.Length > 0 && spec.Kind is not ("PostgreSql" or "MariaDb"))
        {
            section.Report("Limits", $"does not belong to Kind '{spec.Kind}', whose migrations are not watched.");
        }

        return spec with { ScriptTimeout = section.Duration("ScriptTimeout", spec.ScriptTimeout, PlanLimits.Moment, PlanLimits.Day) };
    }

    private static string? BindConnection(PlanSection section, string key, bool required)
    {
        var text = section.Value(key, required);
        if (text is not null && !section.Binding.TryRegisterPassword(text, section.At(key), section.Full(key)))
        {
            // Written out or not, it may hold a password, so it is not quoted.
            section.Report(key, "is no connection string: expected 'Name=value;Name=value'.");
        }

        return text;
    }
}
