skip = Aller
