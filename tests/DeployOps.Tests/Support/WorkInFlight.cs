using System.Collections;
using System.Reflection;

namespace DeployOps.Tests.Support;

/// <summary>
/// What of the product is at work in this process: every task and asynchronous method of its assemblies that has begun and not ended. It is read from the
/// list that the runtime keeps for debuggers, so that the product needs nothing for it.
/// </summary>
internal static class WorkInFlight
{
    private const BindingFlags Hidden = BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic;

    private static readonly FieldInfo Tracking = Field("s_asyncDebuggingEnabled");
    private static readonly FieldInfo Tasks = Field("s_currentActiveTasks");
    private static readonly FieldInfo Action = Field("m_action");

    /// <summary>Has the runtime keep its list from now on; what began before is not in it.</summary>
    public static void Track() => Tracking.SetValue(null, true);

    /// <summary>Where the product is at work now, a word each.</summary>
    public static IReadOnlyList<string> Now()
    {
        if (Tasks.GetValue(null) is not IDictionary tasks)
        {
            return [];
        }

        lock (tasks)
        {
            return [.. tasks.Values.Cast<Task>().Where(task => !task.IsCompleted).Select(Origin).OfType<Type>().Where(IsProduct).Select(type => type.FullName!).Order(StringComparer.Ordinal)];
        }
    }

    // An asynchronous method is a task whose type names its state machine; what was started with Task.Run is one with a delegate.
    private static Type? Origin(Task task) =>
        task.GetType().GetGenericArguments().LastOrDefault(argument => argument.Name.StartsWith('<') && argument.DeclaringType is not null)
        ?? (Action.GetValue(task) as Delegate)?.Method.DeclaringType;

    // The pump's own word to itself that its worker has ended is no work.
    private static bool IsProduct(Type type) =>
        type.Assembly.GetName().Name is "DeployOps" or "DeployOps.Core" or "DeployOps.Adapters" or "DeployOps.Tests.Probes"
        && type.DeclaringType?.Name != "PipelinePump";

    private static FieldInfo Field(string name) =>
        typeof(Task).GetField(name, Hidden) ?? throw new MissingFieldException($"This runtime's Task has no field '{name}': find another way to see what is at work.");
}
