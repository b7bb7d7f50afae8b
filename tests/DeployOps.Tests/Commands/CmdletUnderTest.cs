using System.Management.Automation;
using System.Reflection;

namespace DeployOps.Tests.Commands;

/// <summary>A cmdlet as its attributes describe it: what the table of cells is computed from.</summary>
internal sealed class CmdletUnderTest
{
    private readonly CmdletAttribute _cmdlet;

    public CmdletUnderTest(CmdletInfo info)
    {
        Name = info.Name;
        Type = info.ImplementingType;
        _cmdlet = Type.GetCustomAttribute<CmdletAttribute>()!;
        OutputType = Type.GetCustomAttribute<OutputTypeAttribute>()!.Type.Single().Type;
        Parameters = [.. Type.GetProperties().Where(property => property.GetCustomAttributes<ParameterAttribute>().Any())];
    }

    public string Name { get; }

    public Type Type { get; }

    public Type OutputType { get; }

    public IReadOnlyList<PropertyInfo> Parameters { get; }

    /// <summary>What comes through the pipeline, where the cmdlet is used as it mostly is.</summary>
    public PropertyInfo? Subject => Usual(attribute => attribute.ValueFromPipeline);

    /// <summary>The same by its name.</summary>
    public PropertyInfo? Named => Usual(attribute => attribute.ValueFromPipelineByPropertyName);

    public bool TakesWindow => Subject?.PropertyType.Name == "DeploymentWindow";

    public bool TakesPlan => Subject?.PropertyType == typeof(string) && !TakesBackup && !TakesScripts;

    /// <summary>Whether it takes migration scripts: a folder, which a plan's database calls Migrations, or a file.</summary>
    public bool TakesScripts => Subject?.GetCustomAttribute<AliasAttribute>()?.AliasNames.Contains("Migrations") == true;

    /// <summary>Whether the result of a backup may be piped to it, whose file it then takes.</summary>
    public bool TakesBackup => Subject?.GetCustomAttribute<AliasAttribute>()?.AliasNames.Contains("File") == true;

    /// <summary>Whether it takes what judging cmdlets emit.</summary>
    public bool TakesChecks => Subject?.PropertyType == typeof(PSObject);

    /// <summary>Whether it finds a window by its id instead of taking one through the pipeline.</summary>
    public bool NamesWindow => Subject is null && Named is { Name: "Id" };

    public bool SupportsWhatIf => _cmdlet.SupportsShouldProcess;

    /// <summary>Whether what it emits under -WhatIf says Planned: a result does, and the window it would open.</summary>
    public bool SaysPlanned => SupportsWhatIf && OutputType.GetProperty("Outcome") is not null && !(TakesWindow && OutputType == Subject!.PropertyType);

    /// <summary>Parameters with a completer of their own, or an enumeration.</summary>
    public IReadOnlyList<PropertyInfo> Completed =>
        [.. Parameters.Where(parameter => parameter.GetCustomAttribute<ArgumentCompleterAttribute>() is not null || EnumOf(parameter) is not null)];

    /// <summary>The command with the other parameters it must have.</summary>
    public string Line => string.Join(' ', Parameters
        .Where(parameter => parameter != Subject && Attributes(parameter).Any(attribute => attribute.Mandatory && IsUsual(attribute)))
        .Select(parameter => $"-{parameter.Name} {Value(parameter)}")
        .Prepend(Name));

    /// <summary>The id of the error for what is not there to be worked on.</summary>
    /// <exception cref="InvalidOperationException">Nothing that it takes could be missing: then the table needs another rule.</exception>
    public string Refusal => this switch
    {
        { TakesWindow: true } => Id("WindowOnlyPlanned"),
        { TakesPlan: true } => Id("PlanNotFound"),
        { TakesBackup: true } => Id("BackupMissing"),
        { TakesScripts: true } => Id("SqlFolderMissing"),
        { TakesChecks: true } => Id("CheckKindUnknown"),
        { NamesWindow: true } => Id("WindowNotFound"),
        _ => throw new InvalidOperationException($"{Name} takes neither window nor plan nor backup nor scripts nor checks nor the id of a window."),
    };

    /// <summary>The id of one of its errors, in full.</summary>
    public string Id(string id) => $"{id},{Type.FullName}";

    public static Type? EnumOf(PropertyInfo parameter)
    {
        var type = parameter.PropertyType.IsArray ? parameter.PropertyType.GetElementType()! : Nullable.GetUnderlyingType(parameter.PropertyType) ?? parameter.PropertyType;
        return type.IsEnum ? type : null;
    }

    // The database that another tool migrated stands in the session.
    private static string Value(PropertyInfo parameter) => parameter.Name == "ConnectionString" ? "\"Data Source=$Legacy\""
        : EnumOf(parameter) is { } type ? $"'{Enum.GetNames(type)[0]}'" : "'a reason'";

    private static IEnumerable<ParameterAttribute> Attributes(PropertyInfo parameter) => parameter.GetCustomAttributes<ParameterAttribute>();

    // Another parameter may come through the pipeline where it stands in another set.
    private PropertyInfo? Usual(Func<ParameterAttribute, bool> comes) =>
        Parameters.SingleOrDefault(parameter => Attributes(parameter).Any(attribute => comes(attribute) && IsUsual(attribute)))
        ?? Parameters.SingleOrDefault(parameter => Attributes(parameter).Any(comes));

    private bool IsUsual(ParameterAttribute attribute) =>
        attribute.ParameterSetName == ParameterAttribute.AllParameterSets || attribute.ParameterSetName == _cmdlet.DefaultParameterSetName;
}
