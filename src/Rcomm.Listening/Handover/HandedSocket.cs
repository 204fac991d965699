namespace Rcomm.Listening.Handover;

/// <summary>Describes a listening socket that one process hands over to another.</summary>
/// <param name="Role">The purpose, as the program names it. Sockets with the same role and address are shards.</param>
/// <param name="Address">The address it listens on.</param>
/// <param name="OwnsFile">Whether the new process must remove a Unix socket's file at the end.</param>
/// <param name="IsSystems">Whether the service manager also holds the socket, and keeps it while no process of the service runs.</param>
public sealed record HandedSocket(string Role, string Address, bool OwnsFile, bool IsSystems);
